package election_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// work is the key that whoever leads writes its token to, all the time.
const work = "/work"

// write is one that the store has acknowledged.
type write struct{ revision, token int64 }

// office is five candidates, and what was acknowledged to those who led.
type office struct {
	mu    sync.Mutex
	acked []write
	news  chan struct{}
}

func (o *office) lead(ctx context.Context, term *election.Term) error {
	token := strconv.FormatInt(term.Token(), 10)
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		resp, err := term.Commit(once, nil, []clientv3.Op{clientv3.OpPut(work, token)}, nil)
		cancel()
		if errors.Is(err, election.ErrDeposed) {
			return err
		}
		if err == nil && resp.Succeeded {
			o.mu.Lock()
			o.acked = append(o.acked, write{resp.Header.Revision, term.Token()})
			o.mu.Unlock()
			select {
			case o.news <- struct{}{}:
			default:
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return ctx.Err()
}

// awaitWrites waits until n more writes are acknowledged.
func (o *office) awaitWrites(t *testing.T, n int) {
	t.Helper()
	for range n {
		await(t, "write of a leader", o.news)
	}
}

// Whatever happens to keys, leases and members: each write that the store has
// accepted is that of the first candidate in line, and none that it acknowledged
// is lost.
func TestOneLeadsAtATimeWhateverHappens(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	o := &office{news: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	candidates, ctx := errgroup.WithContext(ctx)
	t.Cleanup(func() { cancel(); _ = candidates.Wait() })
	for range 5 {
		cfg := config(c.Client())
		candidates.Go(func() error { return election.New(cfg).Run(ctx, o.lead) })
	}
	awaitLine(t, client, 5)
	o.awaitWrites(t, 20)

	const hang = ttl + ttl/2
	for _, fault := range []func(){
		func() { deleteKey(t, client, awaitLine(t, client, 5)[0]) },
		func() { revoke(t, client, awaitLine(t, client, 5)[0]) },
		func() { deleteKey(t, client, awaitLine(t, client, 5)[2]) },
		func() { revoke(t, client, awaitLine(t, client, 5)[1]) },
		func() { m := c.Members[0]; m.Cut(); time.Sleep(hang); m.Mend() },
		func() { m := c.Members[1]; m.Mute(); time.Sleep(hang); m.Mend() },
		func() {
			for _, m := range c.Members {
				m.Cut()
			}
			time.Sleep(2 * ttl)
			for _, m := range c.Members {
				m.Mend()
			}
		},
		func() { m := c.Leader(); m.Stop(); o.awaitWrites(t, 5); m.Start() },
	} {
		fault()
		o.awaitWrites(t, 20)
	}
	cancel()
	if err := candidates.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	accepted := replay(t, client)
	for _, w := range o.acked {
		if accepted[w.revision] != w.token {
			t.Errorf("token %d wrote revision %d, as it was told, and the store has %d", w.token, w.revision, accepted[w.revision])
		}
	}
}

// replay reads the whole history, checks that whoever wrote led at that moment,
// and returns the token of each revision.
func replay(t *testing.T, client *etcd.Client) map[int64]int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	now, err := client.Put(ctx, "/end", "")
	if err != nil {
		t.Fatal(err)
	}
	var waiting []int64 // tokens; the first one's leads
	created := map[string]int64{}
	accepted := map[int64]int64{}
	for resp := range client.Watch(ctx, "/", clientv3.WithPrefix(), clientv3.WithRev(1)) {
		if err := resp.Err(); err != nil {
			t.Fatal(err)
		}
		for _, e := range resp.Events {
			key := string(e.Kv.Key)
			switch {
			case e.Kv.ModRevision == now.Header.Revision:
				return accepted
			case strings.HasPrefix(key, keys.Candidates(name)) && e.IsCreate():
				created[key] = e.Kv.CreateRevision
				waiting = append(waiting, e.Kv.CreateRevision)
			case strings.HasPrefix(key, keys.Candidates(name)) && e.Type == clientv3.EventTypeDelete:
				waiting = slices.DeleteFunc(waiting, func(token int64) bool { return token == created[key] })
			case key == work:
				token, err := strconv.ParseInt(string(e.Kv.Value), 10, 64)
				if err != nil || len(waiting) == 0 || waiting[0] != token {
					t.Errorf("revision %d was written by token %s, and %v stood in line", e.Kv.ModRevision, e.Kv.Value, waiting)
				}
				accepted[e.Kv.ModRevision] = token
			}
		}
	}
	t.Fatal("the history ends early")
	return nil
}

func deleteKey(t *testing.T, client *etcd.Client, c election.Candidate) {
	t.Helper()
	if _, err := client.Delete(t.Context(), c.Key); err != nil {
		t.Fatal(err)
	}
}

func revoke(t *testing.T, client *etcd.Client, c election.Candidate) {
	t.Helper()
	if _, err := client.Revoke(t.Context(), c.Lease); err != nil {
		t.Fatal(err)
	}
}
