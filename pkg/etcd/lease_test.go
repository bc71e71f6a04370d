package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// A lease is kept by a stream that sits on one member. Whichever it is, its hanging
// for longer than the lease lives must not end it.
func TestLeasesOutliveAnyHungMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx := t.Context()
	const ttl = 3 * time.Second
	client := c.Client()
	leases := make([]*etcd.Lease, 5)
	for i := range leases {
		var err error
		if leases[i], err = c.Client().NewLease(ctx, ttl); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Put(ctx, fmt.Sprint("k", i), "v", clientv3.WithLease(leases[i].ID())); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range c.Members {
		m.Cut()
		time.Sleep(ttl + ttl/2)
		for i, lease := range leases {
			select {
			case <-lease.Lost():
				t.Errorf("lease %d lost while %s hung", i, m.Name)
			default:
			}
		}
		m.Mend()
	}
	left := func() int64 {
		resp, err := client.Get(ctx, "k", clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			t.Fatal(err)
		}
		return resp.Count
	}
	if n := left(); n != int64(len(leases)) {
		t.Errorf("%d of %d leased keys are left", n, len(leases))
	}
	for i, lease := range leases {
		if err := lease.Close(ctx); err != nil {
			t.Error(err)
		}
		if n := left(); n != int64(len(leases)-i-1) {
			t.Fatalf("%d leased keys are left after Close of %d leases", n, i+1)
		}
	}
}

// A follower asks the leader for each renewal: the stream leads to whoever leads.
func TestLeasesAreRenewedAtTheLeader(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	streams := make(chan string, 1000)
	client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == "LeaseKeepAlive" && call.Stream && call.Err == nil {
			streams <- call.Endpoint
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	const ttl = 3 * time.Second
	lease, err := client.NewLease(t.Context(), ttl)
	if err != nil {
		t.Fatal(err)
	}
	opened := func() string {
		select {
		case endpoint := <-streams:
			return "http://" + endpoint
		case <-time.After(10 * time.Second):
			t.Fatal("no stream")
			return ""
		}
	}
	if at, leader := opened(), c.Leader(); at != leader.Endpoint() {
		t.Errorf("renewed at %s, and %s (%s) leads", at, leader.Name, leader.Endpoint())
	}
	c.Leader().Stop()
	at := ""
	for deadline := time.Now().Add(20 * time.Second); at != c.Leader().Endpoint(); { // who may be another one again
		select {
		case endpoint := <-streams:
			at = "http://" + endpoint
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("renewed at %s, and %s (%s) leads now", at, c.Leader().Name, c.Leader().Endpoint())
		}
	}
	time.Sleep(ttl + ttl/2)
	select {
	case <-lease.Lost():
		t.Error("the lease was lost with the leader")
	default:
	}
}

// Members that are all slow are not helped by being asked for the same in another way.
func TestSlowMembersAreNotAskedForSingleRenewals(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client, asked := countRenewalStreams(t, c)
	const ttl = 3 * time.Second
	if _, err := client.NewLease(t.Context(), ttl); err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	for _, m := range c.Members {
		m.Cut()
		defer m.Mend()
	}
	before := asked.Load()
	if before == 0 {
		t.Fatal("no stream was opened")
	}
	time.Sleep(2 * ttl)
	if n := asked.Load() - before; n != 0 {
		t.Errorf("%d more streams were opened while no member answered", n)
	}
}

// whileHeld makes members leave renewals unanswered as long as they are held.
func whileHeld(held *atomic.Bool) testcluster.Option {
	return testcluster.HoldRenewals(func(string) bool { return held.Load() })
}

// A leader that answers, but not the renewal, is busy with those of others.
func TestBusyLeaderIsNotPassedByForRenewals(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	c := testcluster.Start(t, 3, whileHeld(&held))
	client, opened := countRenewalStreams(t, c)
	const ttl = 3 * time.Second
	lease, err := client.NewLease(t.Context(), ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	before := opened.Load()
	if before == 0 {
		t.Fatal("no stream was opened")
	}
	held.Store(true)
	time.Sleep(ttl + ttl/2)
	held.Store(false)
	if n := opened.Load() - before; n != 0 {
		t.Errorf("%d more streams were opened while the leader answered", n)
	}
	select {
	case <-lease.Lost(): // it waited for longer than it lived
	case <-time.After(2 * ttl):
		t.Error("the renewal that waited was never answered")
	}
}

// Where renewals of other leases are answered the leader is not asked whether it is busy: that
// answer may come late as well, and thousands of leases would look for another member.
func TestRenewalsOfOtherLeasesTellThatTheLeaderIsBusy(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	var owed atomic.Pointer[context.Context] // of the stream whose renewals are held
	var leader string
	c := testcluster.Start(t, 3, testcluster.HoldStatus(func(member string) bool { return held.Load() && member == leader }),
		testcluster.BeforeRenewals(func(ctx context.Context, _ string) {
			for held.Load() && ctx == *owed.Load() && ctx.Err() == nil {
				time.Sleep(10 * time.Millisecond)
			}
			if !held.Load() && owed.Load() == nil {
				owed.Store(&ctx)
			}
		}))
	leader = c.Leader().Name
	client, opened := countRenewalStreams(t, c)
	const ttl, others = 3 * time.Second, 20
	for range 1 + others {
		if _, err := client.NewLease(t.Context(), ttl); err != nil {
			t.Fatal(err)
		}
		time.Sleep(ttl * 2 / 5 / others) // renewals at all times
	}
	time.Sleep(ttl / 2) // they have been renewed
	before := opened.Load()
	held.Store(true)
	time.Sleep(ttl + ttl/2)
	more := opened.Load() - before
	client.Close() // a question that is held is not to be served
	if more != 0 {
		t.Errorf("%d more streams were opened while the leader renewed other leases", more)
	}
}

// A leader that has many leases to end owes the renewals of those that it has not come to.
func TestLeaseWhoseRenewalALivingLeaderOwesIsGivenUp(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	c := testcluster.Start(t, 3, whileHeld(&held))
	const ttl = 2 * time.Second
	lease, err := c.Client().NewLease(t.Context(), ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	held.Store(true)
	defer held.Store(false)
	began := time.Now()
	select {
	case <-lease.Lost():
	case <-time.After(10 * ttl):
		t.Fatal("it is waited for without end")
	}
	if d := time.Since(began); !lease.GivenUp() || d < ttl {
		t.Errorf("lost after %v, given up: %v", d, lease.GivenUp())
	}
}

// A leader whose disk hangs says that it leads, and does not know that another one does.
func TestLeaderThatDoesNotKnowThatItIsDeposedIsPassedBy(t *testing.T) {
	t.Parallel()
	var hangs atomic.Value
	hangs.Store("")
	hung := func(member string) bool { return hangs.Load() == member }
	c := testcluster.Start(t, 3, testcluster.HoldRenewals(hung), testcluster.FreezeStatus(hung))
	ctx := t.Context()
	const ttl = 2 * time.Second
	client := c.Client()
	lease, err := client.NewLease(ctx, ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	old := c.Leader()
	hangs.Store(old.Name)
	if _, err := client.Status(ctx, old.Endpoint()); err != nil { // it is frozen
		t.Fatal(err)
	}
	c.Lead(c.Other(old))
	time.Sleep(4 * ttl)
	if lease.IsLost() {
		t.Errorf("lost while %s hung, given up: %v", old.Name, lease.GivenUp())
	}
	if _, err := client.Put(ctx, "k", "v", clientv3.WithLease(lease.ID())); err != nil {
		t.Error(err)
	}
	// Those that are granted since are not looked after by the hung member either.
	since := make([]*etcd.Lease, 5)
	for i := range since {
		if since[i], err = c.Client().NewLease(ctx, ttl); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * ttl)
	for i, lease := range since {
		if lease.IsLost() {
			t.Errorf("lease %d, granted since, is lost", i)
		}
	}
}

// A stream does not stay with a leader that hangs and was deposed: all renewals until gRPC's
// pings end the connection would be late, and what waits for them with them.
func TestStreamLeavesALeaderThatHangs(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	const ttl = 2 * time.Second
	lease, err := c.Client().NewLease(t.Context(), ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl * 3 / 4) // it has been renewed
	old := c.Leader()
	old.Cut()
	defer old.Mend()
	c.Lead(c.Other(old))
	const look, looks = 10 * time.Millisecond, 1200
	late := 0
	for range looks {
		time.Sleep(look)
		if lease.Overdue() > 0 {
			late++
		}
	}
	if late > looks/3 {
		t.Errorf("%d%% of the time a renewal was late, want a third at most", 100*late/looks)
	}
	if lease.IsLost() {
		t.Error("the lease is lost")
	}
}

// A member that owes a renewal and says nothing else costs no put.
func TestMemberThatOwesARenewalIsPassedBy(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	const ttl = 2 * time.Second
	if _, err := client.NewLease(t.Context(), ttl); err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	old := c.Leader()
	old.Cut()
	defer old.Mend()
	time.Sleep(2 * ttl)
	for range 2 * len(c.Members) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := client.Put(ctx, "k", "v")
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A follower passes a renewal on to the leader, and waits for that one's answer although it
// leads itself by now.
func TestRenewalThatWaitsForAFormerLeaderIsAskedForAnew(t *testing.T) {
	t.Parallel()
	var follower atomic.Value
	follower.Store("")
	c := testcluster.Start(t, 3, testcluster.BeforeRenewals(func(ctx context.Context, member string) {
		if follower.Load() == member {
			<-ctx.Done()
		}
	}))
	ctx := t.Context()
	m := c.Other(c.Leader())
	client, err := etcd.New(etcd.Config{Endpoints: []string{m.Endpoint()}}) // the leader is not among them
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	follower.Store(m.Name)
	const ttl = 3 * time.Second
	lease, err := client.NewLease(ctx, ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl * 6 / 10) // a renewal is under way
	c.Lead(m)
	follower.Store("")
	time.Sleep(3 * ttl)
	if _, err := client.Put(ctx, "k", "v", clientv3.WithLease(lease.ID())); err != nil {
		t.Errorf("%v; given up: %v", err, lease.GivenUp())
	}
}

// After an outage, whose looks get seldom, a member that hangs is noticed as soon as before.
func TestSilenceAfterAnOutageIsNoticedAsSoon(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	const ttl = 3 * time.Second
	lease, err := c.Client().NewLease(t.Context(), ttl)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // it has been renewed
	for _, m := range c.Members[1:] {
		m.Stop()
	}
	time.Sleep(ttl * 9 / 2) // a look is just over, and the next one two TTLs away
	for _, m := range c.Members[1:] {
		m.Start()
	}
	for deadline := time.Now().Add(20 * time.Second); lease.Overdue() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not renewed after the outage")
		}
	}
	hung := c.Leader()
	hung.Cut()
	time.Sleep(2 * ttl)
	hung.Mend()
	time.Sleep(ttl / 2)
	if lease.IsLost() {
		t.Errorf("lost while %s hung after an outage", hung.Name)
	}
}

// A renewal that takes long must not make the next one come as much later.
func TestSlowRenewalsAreAskedForAsOften(t *testing.T) {
	t.Parallel()
	const ttl = 4 * time.Second
	var asked atomic.Int64
	c := testcluster.Start(t, 1, testcluster.BeforeRenewals(func(context.Context, string) {
		asked.Add(1)
		time.Sleep(ttl / 4)
	}))
	if _, err := c.Client().NewLease(t.Context(), ttl); err != nil {
		t.Fatal(err)
	}
	time.Sleep(ttl / 2) // the first one is under way
	before := asked.Load()
	time.Sleep(2*ttl + ttl/10)
	if n := asked.Load() - before; n < 4 || n > 6 {
		t.Errorf("%d renewals in two TTLs, want 5", n)
	}
}

// countRenewalStreams makes a client, and counts the streams that it opens for renewals.
func countRenewalStreams(t *testing.T, c *testcluster.Cluster) (*etcd.Client, *atomic.Int64) {
	t.Helper()
	var opened atomic.Int64
	client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == "LeaseKeepAlive" && call.Stream {
			opened.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, &opened
}

func TestLeaseThatEndedIsTold(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	ctx := t.Context()
	lease, err := c.Client().NewLease(ctx, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client().Revoke(ctx, lease.ID()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-lease.Lost():
	case <-time.After(5 * time.Second):
		t.Fatal("the lease was revoked, and its holder not told")
	}
	if err := lease.Close(ctx); err != nil {
		t.Errorf("closing a lost lease: %v", err)
	}
}

// A grant whose answer was lost is asked for again under its id: it leaves no lease of
// which nobody knows, and is there for as long as a new one.
func TestGrantWhoseAnswerWasLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	link := c.Link(t)
	client, err := etcd.New(etcd.Config{Endpoints: link.Endpoints()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	const ttl = 3 * time.Second
	id := etcd.NewLeaseID()
	if _, err := client.Get(t.Context(), "k"); err != nil { // it is connected
		t.Fatal(err)
	}
	link.Mute()
	short, cancel := context.WithTimeout(t.Context(), ttl/2)
	defer cancel()
	if _, err := client.NewLeaseWithID(short, id, ttl); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a grant over a muted link: %v", err)
	}
	link.Mend()
	leases, err := c.Client().Leases(t.Context())
	if err != nil || len(leases.Leases) != 1 || leases.Leases[0].ID != id {
		t.Fatalf("leases %v, %v; want the one whose answer was lost", leases, err)
	}
	lease, err := client.NewLeaseWithID(t.Context(), id, ttl)
	if err != nil {
		t.Fatal(err)
	}
	if lease.ID() != id || lease.TTL() != ttl {
		t.Errorf("lease %x of %v", int64(lease.ID()), lease.TTL())
	}
	left, err := c.Client().TimeToLive(t.Context(), id)
	if err != nil || left.TTL < int64(ttl/time.Second)-1 {
		t.Errorf("%+v left, %v", left, err)
	}
	leases, err = c.Client().Leases(t.Context())
	if err != nil || len(leases.Leases) != 1 {
		t.Errorf("leases %v, %v", leases, err)
	}
}

// Leases of one client that wait for a busy leader ask together what it does.
func TestLeasesOfAClientAskTogetherWhetherTheLeaderIsBusy(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	c := testcluster.Start(t, 1, whileHeld(&held))
	var asked atomic.Int64
	client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == "Status" {
			asked.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	const ttl, count = 3 * time.Second, 200
	for range count {
		if _, err := client.NewLease(t.Context(), ttl); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(ttl / 2) // they have been renewed
	asked.Store(0)
	held.Store(true)
	time.Sleep(ttl)
	held.Store(false)
	if n := asked.Load(); n == 0 || n > 20 {
		t.Errorf("%d questions of %d leases", n, count)
	}
}
