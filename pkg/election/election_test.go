package election_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestACleanStopHandsOverAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	first := run(t, config(c.Client()))
	one := await(t, "leader", first.terms)
	second, third := run(t, config(c.Client())), run(t, config(c.Client()))
	awaitLine(t, c.Client(), 3)
	if err := commit(t.Context(), one, "/x"); err != nil {
		t.Error(err)
	}
	first.stop()
	var two *election.Term
	select {
	case two = <-second.terms:
	case two = <-third.terms:
	case <-time.After(30 * time.Second):
		t.Fatal("no second leader")
	}
	if two.Token() <= one.Token() {
		t.Errorf("token %d after %d", two.Token(), one.Token())
	}
	third.stop() // one of them leads, the other one is in the middle of a campaign
	second.stop()
	nothingIsLeft(t, c.Client())
}

func nothingIsLeft(t *testing.T, c *etcd.Client) {
	t.Helper()
	if left := line(t, c); len(left) > 0 {
		t.Errorf("keys left behind: %v", left)
	}
	leases, err := c.Leases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(leases.Leases) > 0 {
		t.Errorf("%d leases left behind", len(leases.Leases))
	}
}

func TestStoppingIsQuickWithTheStoreAway(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	leader := run(t, config(c.Client()))
	await(t, "leader", leader.terms)
	standby := run(t, config(c.Client()))
	awaitLine(t, c.Client(), 2)
	c.Members[0].Cut()
	began := time.Now()
	standby.stop()
	leader.stop()
	if took := time.Since(began); took > 4*time.Second { // a second each, and a slow machine
		t.Errorf("took %v", took)
	}
	if err := await(t, "end of the term", leader.ends); !errors.Is(err, context.Canceled) {
		t.Errorf("the term ended with %v", err)
	}
	c.Members[0].Mend()
	awaitLine(t, c.Client(), 0) // what could not be removed has ended with its lease
	nothingIsLeft(t, c.Client())
}

func TestALeadThatReturnsGivesItsTermUp(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var tokens []int64
	err := election.New(config(c.Client())).Run(ctx, func(_ context.Context, term *election.Term) error {
		tokens = append(tokens, term.Token())
		switch len(tokens) {
		case 1:
			return nil
		case 2:
			return errors.New("cannot lead")
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	for i := 1; i < len(tokens); i++ {
		if tokens[i] <= tokens[i-1] {
			t.Errorf("tokens %v", tokens)
		}
	}
	nothingIsLeft(t, c.Client())
}

func TestALeaderWhoseKeyIsGoneStopsAndWritesNothing(t *testing.T) {
	t.Parallel()
	for what, remove := range map[string]func(context.Context, *etcd.Client, election.Candidate) error{
		"key deleted": func(ctx context.Context, c *etcd.Client, leader election.Candidate) error {
			_, err := c.Delete(ctx, leader.Key)
			return err
		},
		"key put again by another client": func(ctx context.Context, c *etcd.Client, leader election.Candidate) error {
			if _, err := c.Delete(ctx, leader.Key); err != nil {
				return err
			}
			_, err := c.Put(ctx, leader.Key, "forged")
			return err
		},
		"lease revoked": func(ctx context.Context, c *etcd.Client, leader election.Candidate) error {
			_, err := c.Revoke(ctx, leader.Lease)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			client := c.Client()
			r := run(t, config(c.Client()))
			term := await(t, "leader", r.terms)
			leader := line(t, client)[0]
			if err := remove(t.Context(), client, leader); err != nil {
				t.Fatal(err)
			}
			if err := await(t, "end of the term", r.ends); err == nil { // by the sight of the key alone
				t.Error("the term ended without a cause")
			}
			if err := commit(t.Context(), term, "/x"); !errors.Is(err, election.ErrDeposed) {
				t.Errorf("a write without the key: %v", err)
			}
			if found := line(t, client); len(found) > 0 && found[0].Key == leader.Key {
				// The forger's leads until it is removed.
				if _, err := client.Delete(t.Context(), leader.Key); err != nil {
					t.Fatal(err)
				}
			}
			if next := await(t, "next term", r.terms); next.Token() <= term.Token() {
				t.Errorf("token %d after %d", next.Token(), term.Token())
			}
		})
	}
}

func TestALeaderThatIsCutOffStopsBeforeItsLeaseEnds(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	alone, err := etcd.New(etcd.Config{Endpoints: []string{c.Members[0].Endpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(alone.Close)
	cfg := config(alone)
	cfg.TTL = 5 * time.Second
	r := run(t, cfg)
	term := await(t, "leader", r.terms)
	c.Members[0].Cut()
	if err := await(t, "end of the term", r.ends); err == nil {
		t.Error("the term ended without a cause")
	}
	others, err := etcd.New(etcd.Config{Endpoints: []string{c.Members[1].Endpoint(), c.Members[2].Endpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(others.Close)
	resp, err := others.Get(t.Context(), term.Key())
	if err != nil || len(resp.Kvs) == 0 {
		t.Errorf("the lease has ended before the term did: %v", err)
	}
	if term.Valid() {
		t.Error("the term is over, and valid")
	}
	if err := commit(t.Context(), term, "/x"); !errors.Is(err, election.ErrDeposed) {
		t.Errorf("a write after the deadline: %v", err)
	}
	c.Members[0].Mend()
	await(t, "next term", r.terms)
}

// Renewals are not held up by one member, nor is the watch over the own key.
func TestAMemberThatHangsEndsNoTerm(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cfg := config(c.Client())
	cfg.TTL = 3 * time.Second
	r := run(t, cfg)
	term := await(t, "leader", r.terms)
	for _, m := range c.Members {
		m.Cut()
		select {
		case err := <-r.ends:
			t.Fatalf("the term ended while %s hung: %v", m.Name, err)
		case <-time.After(cfg.TTL + time.Second):
		}
		m.Mend()
	}
	if err := commit(t.Context(), term, "/x"); err != nil {
		t.Error(err)
	}
}

func TestStandbysKeepTheirPlacesOverTheLossOfTheRaftLeader(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	first := rival(t, client)
	cfg := config(c.Client())
	cfg.TTL = 10 * time.Second
	one, two := run(t, cfg), run(t, cfg)
	before := awaitLine(t, client, 3)
	c.Leader().Stop()
	c.Leader() // there is another one
	after := awaitLine(t, client, 3)
	for i := range before {
		if before[i].Token != after[i].Token {
			t.Errorf("%d. in line: %+v before, %+v after", i+1, before[i], after[i])
		}
	}
	if removed, err := election.Depose(t.Context(), client, first); !removed || err != nil {
		t.Fatalf("depose: %v, %v", removed, err)
	}
	var next *election.Term
	select {
	case next = <-one.terms:
	case next = <-two.terms:
	case <-time.After(30 * time.Second):
		t.Fatal("nobody succeeds")
	}
	if next.Token() != before[1].Token {
		t.Errorf("the leader is %q, not the second in line", next.Key())
	}
}

func TestNamesAreSinglePathSegments(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	for _, name := range []string{"", "a/b", "/", "a/"} {
		cfg := config(c.Client())
		cfg.Name = name
		if err := election.New(cfg).Run(t.Context(), nil); err == nil {
			t.Errorf("stood for election in %q", name)
		}
		if err := election.Observe(t.Context(), c.Client(), name, nil); err == nil {
			t.Errorf("observed %q", name)
		}
	}
	if resp, err := c.Client().Get(t.Context(), "", clientv3.WithPrefix(), clientv3.WithCountOnly()); err != nil || resp.Count > 0 {
		t.Errorf("%d keys written, %v", resp.Count, err)
	}
}

// The lease's stream leads to a member that leads, answers, and owes all its renewals: the
// single ones, by which a term lives, go on at the others.
func TestATermOutlivesAMemberThatOwesItsRenewals(t *testing.T) {
	t.Parallel()
	var busy atomic.Value
	busy.Store("")
	c := testcluster.Start(t, 3, testcluster.HoldRenewals(func(member string) bool { return busy.Load() == member }))
	cfg := config(c.Client())
	leader := run(t, cfg)
	term := await(t, "leader", leader.terms)
	busy.Store(c.Leader().Name)
	defer busy.Store("")
	select {
	case err := <-leader.ends:
		t.Fatalf("the term ended: %v", err)
	case <-time.After(3 * cfg.TTL):
	}
	if err := commit(t.Context(), term, "/x"); err != nil {
		t.Error(err)
	}
}
