package election_test

import (
	"context"
	"errors"
	"fmt"
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

// runner is one candidate, whose leads wait for their end.
type runner struct {
	t      *testing.T
	client *etcd.Client
	stop   func() // and wait
	terms  chan *election.Term
	ends   chan error // why each term's context ended
}

// run lets a candidate stand for election until the test ends.
func run(t *testing.T, client *etcd.Client) *runner {
	t.Helper()
	r := &runner{t: t, client: client, terms: make(chan *election.Term, 100), ends: make(chan error, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		err := election.New(election.Config{
			Client: client, Name: name, TTL: ttl, Log: slog.New(slog.DiscardHandler), Candidate: func() []byte { return []byte("candidate") },
		}).Run(ctx, func(ctx context.Context, term *election.Term) error {
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

func await[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s in 30 s", what)
		panic("unreachable")
	}
}

func candidates(t *testing.T, c *etcd.Client) []string {
	t.Helper()
	resp, err := c.Get(t.Context(), keys.Candidates(name), clientv3.WithPrefix())
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, kv := range resp.Kvs {
		found = append(found, string(kv.Key))
	}
	return found
}

func commit(ctx context.Context, term *election.Term, key string) error {
	resp, err := term.Commit(ctx, nil, []clientv3.Op{clientv3.OpPut(key, "")}, nil)
	if err == nil && !resp.Succeeded {
		return errors.New("not committed")
	}
	return err
}

func TestACleanStopHandsOverAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	first := run(t, c.Client())
	one := await(t, "leader", first.terms)
	second := run(t, c.Client())
	for len(candidates(t, c.Client())) < 2 {
		time.Sleep(5 * time.Millisecond)
	}
	if err := commit(t.Context(), one, "/x"); err != nil {
		t.Error(err)
	}
	first.stop()
	two := await(t, "second leader", second.terms)
	if two.Token() <= one.Token() {
		t.Errorf("token %d after %d", two.Token(), one.Token())
	}
	second.stop()
	if left := candidates(t, c.Client()); len(left) > 0 {
		t.Errorf("keys left behind: %v", left)
	}
	leases, err := c.Client().Leases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(leases.Leases) > 0 {
		t.Errorf("%d leases left behind", len(leases.Leases))
	}
}

func TestALeaderWhoseKeyIsGoneStopsAndWritesNothing(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(context.Context, *etcd.Client, *election.Term) error{
		"key deleted": func(ctx context.Context, c *etcd.Client, term *election.Term) error {
			_, err := c.Delete(ctx, term.Key())
			return err
		},
		"key put again by another client": func(ctx context.Context, c *etcd.Client, term *election.Term) error {
			if _, err := c.Delete(ctx, term.Key()); err != nil {
				return err
			}
			_, err := c.Put(ctx, term.Key(), "forged")
			return err
		},
		"lease revoked": func(ctx context.Context, c *etcd.Client, term *election.Term) error {
			resp, err := c.Get(ctx, term.Key())
			if err != nil {
				return err
			}
			_, err = c.Revoke(ctx, clientv3.LeaseID(resp.Kvs[0].Lease))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			r := run(t, c.Client())
			term := await(t, "leader", r.terms)
			if err := remove(t.Context(), c.Client(), term); err != nil {
				t.Fatal(err)
			}
			_ = await(t, "end of the term", r.ends) // by the sight of the key alone
			if err := commit(t.Context(), term, "/x"); !errors.Is(err, election.ErrDeposed) {
				t.Errorf("a write without the key: %v", err)
			}
			if name == "key put again by another client" {
				return // that one leads now, and for ever
			}
			if next := await(t, "next term", r.terms); next.Token() <= term.Token() {
				t.Errorf("token %d after %d", next.Token(), term.Token())
			}
		})
	}
}

// Only the fence can tell: the leader's clock says that it may go on.
func TestALeaderThatKnowsNothingOfItsEndIsFencedOff(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	r := run(t, c.Client())
	term := await(t, "leader", r.terms)
	state := make(chan election.State, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = election.Observe(ctx, c.Client(), name, func(s election.State) { state <- s }) }()
	leader, _ := await(t, "state", state).Leader()
	if leader.Token != term.Token() || string(leader.Value) != "candidate" {
		t.Fatalf("leader %+v, want token %d", leader, term.Token())
	}
	if removed, err := election.Depose(t.Context(), c.Client(), leader); !removed || err != nil {
		t.Fatalf("depose: %v, %v", removed, err)
	}
	if !term.Valid() {
		t.Skip("too slow a machine: the deadline has passed")
	}
	if err := commit(t.Context(), term, "/x"); !errors.Is(err, election.ErrDeposed) {
		t.Errorf("a deposed leader's write: %v", err)
	}
	next := await(t, "next term", r.terms)
	if removed, err := election.Depose(t.Context(), c.Client(), leader); removed || err != nil {
		t.Errorf("deposed an earlier leader a second time: %v, %v", removed, err)
	}
	if err := commit(t.Context(), next, "/x"); err != nil {
		t.Error(err)
	}
}

func TestALeaderThatIsCutOffStopsBeforeItsLeaseEnds(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	r := run(t, c.Client())
	term := await(t, "leader", r.terms)
	c.Members[0].Cut()
	_ = await(t, "end of the term", r.ends)
	if term.Valid() {
		t.Error("the term is over, and valid")
	}
	if err := commit(t.Context(), term, "/x"); !errors.Is(err, election.ErrDeposed) {
		t.Errorf("a write after the deadline: %v", err)
	}
	c.Members[0].Mend()
	await(t, "next term", r.terms)
}

// A standby keeps its place over the loss of the raft leader, and nobody else
// leads because of it.
func TestOneLeadsAtATimeWhateverHappensToTheMembers(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	accepted := map[string][]int64{} // key to tokens, in the order of commits
	var runners sync.WaitGroup
	defer runners.Wait()
	defer cancel()
	written := make(chan struct{}, 10_000)
	for i := range 4 {
		client := c.Client()
		runners.Go(func() {
			_ = election.New(election.Config{
				Client: client, Name: name, TTL: ttl, Log: slog.New(slog.DiscardHandler), Candidate: func() []byte { return fmt.Append(nil, i) },
			}).Run(ctx, func(ctx context.Context, term *election.Term) error {
				for ctx.Err() == nil {
					resp, err := term.Commit(ctx, nil, []clientv3.Op{clientv3.OpPut("/leader", fmt.Sprint(term.Token()))}, nil)
					if errors.Is(err, election.ErrDeposed) {
						return err
					}
					if err == nil && resp.Succeeded {
						mu.Lock()
						accepted["/leader"] = append(accepted["/leader"], resp.Header.Revision, term.Token())
						mu.Unlock()
						select {
						case written <- struct{}{}:
						default:
						}
					}
					time.Sleep(5 * time.Millisecond)
				}
				return ctx.Err()
			})
		})
	}
	client := c.Client()
	for round := range 4 {
		for range 20 {
			await(t, "write of a leader", written)
		}
		switch round {
		case 0: // the candidate's key
			state, err := client.Get(t.Context(), keys.Candidates(name), clientv3.WithFirstCreate()...)
			if err == nil && len(state.Kvs) > 0 {
				_, _ = client.Delete(t.Context(), string(state.Kvs[0].Key))
			}
		case 1:
			leader := c.Leader()
			leader.Stop()
			defer leader.Start()
		case 2:
			state, err := client.Get(t.Context(), keys.Candidates(name), clientv3.WithFirstCreate()...)
			if err == nil && len(state.Kvs) > 0 {
				_, _ = client.Revoke(t.Context(), clientv3.LeaseID(state.Kvs[0].Lease))
			}
		}
	}
	cancel()
	runners.Wait()
	// Tokens of accepted writes only ever grow with the revision.
	resp, err := client.Get(t.Context(), "/leader")
	if err != nil {
		t.Fatal(err)
	}
	byRevision := map[int64]int64{}
	var newest int64
	list := accepted["/leader"]
	for i := 0; i < len(list); i += 2 {
		byRevision[list[i]] = list[i+1]
		newest = max(newest, list[i])
	}
	var token int64
	for rev := int64(1); rev <= newest; rev++ {
		if t2, ok := byRevision[rev]; ok {
			if t2 < token {
				t.Errorf("revision %d was written with token %d after token %d", rev, t2, token)
			}
			token = t2
		}
	}
	if resp.Kvs[0].ModRevision < newest {
		t.Error("an acknowledged write is lost")
	}
}

func TestObserversTellLeaderNoneAndUnknown(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	states := make(chan election.State, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var observing sync.WaitGroup
	observing.Go(func() { _ = election.Observe(ctx, c.Client(), name, func(s election.State) { states <- s }) })
	defer observing.Wait()
	defer cancel()
	until := func(what string, ok func(election.State) bool) {
		t.Helper()
		for {
			if ok(await(t, what, states)) {
				return
			}
		}
	}
	none := func(s election.State) bool { _, some := s.Leader(); return s.Known && !some }
	some := func(s election.State) bool { _, some := s.Leader(); return s.Known && some }
	until("state without a leader", none)
	r := run(t, c.Client())
	until("leader", some)
	c.Members[0].Stop()
	until("unknown state", func(s election.State) bool {
		_, last := s.Leader()
		return !s.Known && s.Reason != "" && last
	})
	c.Members[0].Start()
	until("leader after the member is back", some)
	r.stop()
	until("state without a leader", none)
}

func TestNamesAreSinglePathSegments(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	for _, name := range []string{"", "a/b", "/", "a/"} {
		e := election.New(election.Config{Client: c.Client(), Name: name, TTL: ttl, Log: slog.New(slog.DiscardHandler), Candidate: func() []byte { return nil }})
		if err := e.Run(t.Context(), nil); err == nil {
			t.Errorf("stood for election in %q", name)
		}
	}
}
