package election_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const (
	name = "test"
	ttl  = 2 * time.Second
)

func config(client *etcd.Client) election.Config {
	return election.Config{
		Client: client, Name: name, TTL: ttl, Log: slog.New(slog.DiscardHandler),
		Candidate: func() []byte { return []byte("candidate") },
	}
}

// runner is one candidate, whose leads wait for their end.
type runner struct {
	stop  func() // and wait
	terms chan *election.Term
	ends  chan error // why each term's context ended
}

// run lets a candidate stand for election until the test ends.
func run(t testing.TB, cfg election.Config) *runner {
	t.Helper()
	r := &runner{terms: make(chan *election.Term, 100), ends: make(chan error, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		err := election.New(cfg).Run(ctx, func(ctx context.Context, term *election.Term) error {
			r.terms <- term
			<-ctx.Done()
			r.ends <- context.Cause(ctx)
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	r.stop = func() { cancel(); running.Wait() }
	t.Cleanup(r.stop)
	return r
}

func await[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s in 30 s", what)
		panic("unreachable")
	}
}

// line is the candidates' keys, in the order of their creation.
func line(t testing.TB, c *etcd.Client) []election.Candidate {
	t.Helper()
	resp, err := c.Get(t.Context(), keys.Candidates(name), clientv3.WithPrefix(), clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
	if err != nil {
		t.Fatal(err)
	}
	var found []election.Candidate
	for _, kv := range resp.Kvs {
		found = append(found, election.Candidate{Key: string(kv.Key), Token: kv.CreateRevision, Lease: clientv3.LeaseID(kv.Lease), Value: kv.Value})
	}
	return found
}

// awaitLine waits until n candidates stand in line.
func awaitLine(t testing.TB, c *etcd.Client, n int) []election.Candidate {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if found := line(t, c); len(found) == n {
			return found
		}
	}
	t.Fatalf("%d candidates stand in line after 30 s, not %d", len(line(t, c)), n)
	panic("unreachable")
}

func commit(ctx context.Context, term *election.Term, key string) error {
	resp, err := term.Commit(ctx, nil, []clientv3.Op{clientv3.OpPut(key, "")}, nil)
	if err == nil && !resp.Succeeded {
		return errors.New("not committed")
	}
	return err
}

// rival puts the key of a candidate by hand, which leads if it is the first.
func rival(t testing.TB, c *etcd.Client) election.Candidate {
	t.Helper()
	key := keys.Candidates(name) + "rival"
	resp, err := c.Put(t.Context(), key, "rival")
	if err != nil {
		t.Fatal(err)
	}
	return election.Candidate{Key: key, Token: resp.Header.Revision}
}
