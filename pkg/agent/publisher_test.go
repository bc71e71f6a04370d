package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// publisherOf makes the publisher of an agent that does not run.
func publisherOf(t *testing.T, cfg etcd.Config) *publisher {
	t.Helper()
	client, err := etcd.New(Client(cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p := newPublisher(New(Identity{Host: "node-1", Owner: "machine", Boot: "boot"}, client, nil, slog.New(slog.DiscardHandler)))
	t.Cleanup(func() { p.goodbye(context.Background(), nil) })
	return p
}

// publisherOver makes the publisher of an agent that does not run, on a link that can fail
// and is connected.
func publisherOver(t *testing.T, c *testcluster.Cluster) (*publisher, *testcluster.Link) {
	t.Helper()
	link := c.Link(t)
	p := publisherOf(t, etcd.Config{Endpoints: link.Endpoints()})
	if _, err := p.agent.client.Get(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	return p, link
}

// askInVain asks for a lease over a link that is muted.
func (p *publisher) askInVain(t *testing.T, ttl time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := p.leaseFor(ctx, ttl); err == nil {
		t.Fatal("a grant was answered over a muted link")
	}
}

// The store has the first heartbeat, whose answer was lost, on a lease that the next
// one does not fit: to give that back would be a death to every observer.
func TestLeaseThatTheKeyMayBeOnIsKept(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p, link := publisherOver(t, c)

	if _, err := p.leaseFor(ctx, 60*time.Second); err != nil {
		t.Fatal(err)
	}
	events := c.Client().Watch(ctx, keys.Heartbeat("node-1"), clientv3.WithCreatedNotify())
	<-events
	link.Mute()
	hb := model.Heartbeat{Status: model.StatusAlive, TS: unixSeconds(time.Now()), Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, Interval: 1, Silence: 2.5, TTL: 60}
	if err := p.put(ctx, hb); err == nil {
		t.Fatal("a put was answered over a muted link")
	}
	link.Mend()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		hb.Seq, hb.TTL = 2, 30
		err := p.put(ctx, hb)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	last := int64(0)
	for last < 2 {
		select {
		case resp := <-events:
			for _, e := range resp.Events {
				if e.Type == clientv3.EventTypeDelete {
					t.Fatal("the heartbeat vanished")
				}
				last = e.Kv.Version
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no heartbeat")
		}
	}
	leases, err := c.Client().Leases(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(leases.Leases) != 1 {
		t.Errorf("%d leases are left, want the one in use", len(leases.Leases))
	}
}

func TestPutWaitsForARenewalThatIsLate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p := publisherOf(t, etcd.Config{Endpoints: c.Endpoints()})
	hb := model.Heartbeat{Status: model.StatusAlive, Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, TTL: 10}
	if err := p.put(ctx, hb); err != nil {
		t.Fatal(err)
	}
	if got := p.letRenewal(ctx, hb); got.Seq != 1 {
		t.Fatalf("got sample %d", got.Seq)
	}

	c.Members[0].Cut()
	for deadline := time.Now().Add(10 * time.Second); p.using.Overdue() <= p.rest.slow(p.using.asked); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the renewal is never late")
		}
	}
	let := make(chan model.Heartbeat, 1)
	go func() { let <- p.letRenewal(ctx, hb) }()
	select {
	case <-let:
		t.Fatal("a put does not wait for the renewal")
	case <-time.After(3 * time.Second):
	}
	newer := hb
	newer.Seq = 2
	p.agent.newest.put(newer)
	c.Members[0].Mend()
	select {
	case got := <-let:
		if got.Seq != 2 {
			t.Errorf("sample %d is put, want the newest", got.Seq)
		}
	case <-time.After(1500 * time.Millisecond): // it is not to wait as long again
		t.Fatalf("a put waits on although the lease was renewed (overdue for %v)", p.using.Overdue())
	}
}

// An overloaded store is not asked whose the key is either.
func TestRestingAgentAsksNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := testcluster.Start(t, 1)
	var looks atomic.Int64
	p := publisherOf(t, etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == "Range" {
			looks.Add(1)
		}
	}})
	p.rest.length = 8 * checkEvery // a put that is fast again leaves a quarter of it
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx) }()
	p.agent.newest.put(model.Heartbeat{Status: model.StatusAlive, Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, Interval: 30, TTL: 60})
	time.Sleep(checkEvery + checkEvery/4)
	if n := looks.Load(); n != 0 {
		t.Errorf("%d looks while the store was left alone", n)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if p.rest.length != 2*checkEvery {
		t.Errorf("a rest of %v, want %v", p.rest.length, 2*checkEvery)
	}
}

// A loss that is noticed on the way to a put is told as well.
func TestLossThatAPutMeetsIsTold(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p := publisherOf(t, etcd.Config{Endpoints: c.Endpoints()})
	lost := 0
	p.agent.Trace(Trace{Lost: func() { lost++ }})
	hb := model.Heartbeat{Status: model.StatusAlive, TS: unixSeconds(time.Now()), Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, Interval: 1, Silence: 2.5, TTL: 3}
	if err := p.put(ctx, hb); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client().Revoke(ctx, p.using.ID()); err != nil {
		t.Fatal(err)
	}
	hb.Seq++
	if err := p.put(ctx, hb); !errors.Is(err, rpctypes.ErrLeaseNotFound) {
		t.Fatalf("a put on a lease that is no more: %v", err)
	}
	for range 2 {
		hb.Seq++
		if err := p.put(ctx, hb); err != nil {
			t.Fatal(err)
		}
	}
	if lost != 1 {
		t.Errorf("told %d times", lost)
	}
}

// The end of a lease of which nobody knows costs every member a commit: grants that are
// not answered, which are many in an overloaded store, must not leave any.
func TestGrantsWithoutAnAnswerLeaveOneLease(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p, link := publisherOver(t, c)
	link.Mute()
	for range 2 {
		p.askInVain(t, 60*time.Second)
	}
	link.Mend()
	lease, err := p.leaseFor(ctx, 60*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	leases, err := c.Client().Leases(ctx)
	if err != nil || len(leases.Leases) != 1 || leases.Leases[0].ID != lease.ID() {
		t.Errorf("leases %+v, %v; want %x alone", leases, err, int64(lease.ID()))
	}
	other, err := p.leaseFor(ctx, 30*time.Second)
	if err != nil || other.ID() == lease.ID() {
		t.Errorf("a lease of another TTL is %v, %v", other, err)
	}

	// One that must have ended meanwhile is not waited for: the leader may have many to end.
	p.wanted.id, p.wanted.ttl, p.wanted.since = lease.ID(), 10*time.Second, time.Now().Add(-11*time.Second)
	another, err := p.leaseFor(ctx, 10*time.Second)
	if err != nil || another.ID() == lease.ID() {
		t.Errorf("asked for %v ago: %v, %v", 11*time.Second, another, err)
	}
}

// A lease whose grant was not answered is given back too.
func TestGoodbyeLeavesNoLeaseThatWasAskedFor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p, link := publisherOver(t, c)
	link.Mute()
	p.askInVain(t, 60*time.Second)
	link.Mend()
	for deadline := time.Now().Add(10 * time.Second); ; {
		p.goodbye(ctx, nil)
		leases, err := c.Client().Leases(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(leases.Leases) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v are left", leases.Leases)
		}
	}
}

// Where a lease was given up the key tells whether the node was Dead.
func TestLeaseThatWasGivenUpIsToldWhereItsKeyWasGone(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprint("gone ", gone), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			var held atomic.Bool
			c := testcluster.Start(t, 1, testcluster.HoldRenewals(func(string) bool { return held.Load() }))
			p := publisherOf(t, etcd.Config{Endpoints: c.Endpoints()})
			lost := 0
			p.agent.Trace(Trace{Lost: func() { lost++ }})
			hb := model.Heartbeat{Status: model.StatusAlive, TS: unixSeconds(time.Now()), Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, Interval: 1, Silence: 2.5, TTL: 2}
			if err := p.put(ctx, hb); err != nil {
				t.Fatal(err)
			}
			if !gone { // as that of a lease that the leader has not come to end
				value, err := json.Marshal(hb)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.Client().Put(ctx, keys.Heartbeat(hb.Host), string(value)); err != nil {
					t.Fatal(err)
				}
			}
			held.Store(true)
			select {
			case <-p.using.Lost():
			case <-time.After(20 * time.Second):
				t.Fatal("not given up")
			}
			if !p.using.GivenUp() {
				t.Fatal("lost, not given up")
			}
			held.Store(false)
			for range 2 {
				hb.Seq++
				if err := p.put(ctx, hb); err != nil {
					t.Fatal(err)
				}
			}
			if (lost == 1) != gone || lost > 1 {
				t.Errorf("told %d times", lost)
			}
		})
	}
}

// A put that failed is not waited for longer than one that went well when the heartbeat
// is gone.
func TestLossEndsThePauseBetweenTwoTries(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := testcluster.Start(t, 1)
	p := publisherOf(t, etcd.Config{Endpoints: c.Endpoints()})
	hb := model.Heartbeat{Status: model.StatusAlive, TS: unixSeconds(time.Now()), Host: "node-1", Owner: "machine", Boot: "boot", Seq: 1, Interval: 1, Silence: 2.5, TTL: 60}
	if err := p.put(ctx, hb); err != nil {
		t.Fatal(err)
	}
	p.rest.length = time.Minute
	paused := make(chan error, 1)
	go func() { paused <- p.pause(ctx, p.rest.length) }()
	select {
	case err := <-paused:
		t.Fatalf("ended before the loss: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	p.using.Ended()
	select {
	case err := <-paused:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(p.agent.Config().TTL + 10*time.Second):
		t.Error("the pause goes on")
	}
}
