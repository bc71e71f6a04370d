package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

func TestFleetReportsAtItsOwnIntervalAndLeavesNothing(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	// What the cluster's own hosts are told does not concern it.
	if _, err := client.Put(t.Context(), keys.ConfigDefault(), `{"interval": 3600}`); err != nil {
		t.Fatal(err)
	}
	r, err := Agents(t.Context(), configOf(c), AgentsPlan{Count: 30, Interval: 250 * time.Millisecond, TTL: 3 * time.Second, Duration: 2 * time.Second, Conns: 4})
	if err != nil {
		t.Fatal(err)
	}
	checkNothingLeft(t, client, 1)
	if r.Agents.Asked != 30 || r.Agents.Reported != 30 || r.Agents.Ended != 0 || r.Heartbeats.Asked != 120 {
		t.Errorf("agents %+v, heartbeats asked %v", r.Agents, r.Heartbeats.Asked)
	}
	// 240 are due. Much may be late or dropped on a busy machine; but each is counted
	// in some way, and none twice.
	hb := r.Heartbeats
	if due := hb.Count + hb.Dropped; hb.Count == 0 || due < 150 || due > 330 {
		t.Errorf("heartbeats: %+v", hb)
	}
	if r.Put.Count != hb.Count || r.PutToView.Count < hb.Count-30 || r.PutToWatch.Count != r.PutToView.Count {
		t.Errorf("%d heartbeats, %d puts, %d in the view, %d in the watch", hb.Count, r.Put.Count, r.PutToView.Count, r.PutToWatch.Count)
	}
	if r.Keepalives == 0 || r.Nodes.FalselyDead != 0 || r.Store.Revisions == nil || *r.Store.Revisions < hb.Count || r.Load.CPU == nil || len(r.Members) != 3 || r.Interrupted {
		t.Errorf("record: %+v", r)
	}
}

func TestInterruptedFleetLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, phase := range []Phase{Starting, Measuring} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cfg := configOf(c)
			cfg.Tell = func(p Progress) {
				if p.Phase == phase {
					cancel()
					time.Sleep(300 * time.Millisecond) // puts go on, and count
				}
			}
			r, err := Agents(ctx, cfg, AgentsPlan{Count: 150, Interval: time.Second, Duration: time.Minute})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
			if measured := r != nil; measured != (phase == Measuring) || measured && !r.Interrupted {
				t.Errorf("interrupted while %s: record %+v", phase, r)
			}
			if r != nil && r.PutToView.Max >= arrivalGrace.Seconds() {
				t.Errorf("put to view %.1f s at most: nobody looked after the interruption", r.PutToView.Max)
			}
			checkNothingLeft(t, c.Client(), 0)
		})
	}
}

// Without their configurations the agents have the cluster's interval, not the plan's.
func TestMeasurementEndsWithTheConfigurationsOfItsAgents(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cfg := configOf(c)
	cfg.Tell = func(p Progress) {
		if p.Phase != Measuring {
			return
		}
		found, err := c.Client().Get(t.Context(), keys.Config(hostsPrefix), clientv3.WithPrefix(), clientv3.WithLimit(1))
		if err != nil || len(found.Kvs) == 0 {
			return // it has been done
		}
		if _, err := c.Client().Revoke(t.Context(), clientv3.LeaseID(found.Kvs[0].Lease)); err != nil {
			t.Error(err)
		}
	}
	r, err := Agents(t.Context(), cfg, AgentsPlan{Count: 10, Interval: time.Second, Duration: time.Minute})
	if !errors.Is(err, errConfigsLost) || r == nil || r.Duration > 30 {
		t.Errorf("record %+v, error %v", r, err)
	}
	checkNothingLeft(t, c.Client(), 0)
}

func TestPlanThatTheStoreHasNoRoomForIsRefused(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1, testcluster.Quota(16<<20))
	cfg := configOf(c)
	err := Ready(t.Context(), cfg, AgentsPlan{Count: 1000, Interval: time.Second, Duration: time.Minute})
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		t.Errorf("error is %v", err)
	}
	if err := Ready(t.Context(), cfg, AgentsPlan{Count: 10, Interval: time.Second, Duration: time.Minute}); err != nil {
		t.Error(err)
	}
}

func TestPlanOutOfBoundsIsRefusedWithAllThatIsWrong(t *testing.T) {
	t.Parallel()
	err := (&AgentsPlan{Count: 0, Interval: 50 * time.Millisecond, Duration: 0, Conns: -1}).Check()
	if all, ok := err.(interface{ Unwrap() []error }); !ok || len(all.Unwrap()) != 4 {
		t.Errorf("error is %v", err)
	}
	fine := AgentsPlan{Count: MaxAgents, Interval: time.Hour, Duration: MinDuration}
	fine.Complete()
	if err := fine.Check(); err != nil || fine.Conns != defaultConns {
		t.Errorf("%+v: %v", fine, err)
	}
}

// The view that judges may be so far behind that it never shows what the store did.
func TestLeaseThatEndedIsAFalseDeathWhateverTheViewShows(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	l := underLoad(t, c, AgentsPlan{Count: 3, Interval: time.Second, TTL: testTTL, Duration: time.Minute, Conns: 1})
	l.stopObserving()
	found, err := c.Client().Get(t.Context(), keys.Heartbeat(l.fleet.members[1].host))
	if err != nil || len(found.Kvs) != 1 {
		t.Fatal(found, err)
	}
	if _, err := c.Client().Revoke(t.Context(), clientv3.LeaseID(found.Kvs[0].Lease)); err != nil {
		t.Fatal(err)
	}
	eventually(t, patient, "the death is counted", func() bool {
		l.observer.look()
		return l.observer.nodes().FalselyDead == 1
	})
	l.fleet.stop(t.Context(), l.fleet.members, func(int) {}) // whose leases end rightly
	l.observer.look()
	if n := l.observer.nodes(); n.FalselyDead != 1 {
		t.Errorf("nodes: %+v", n)
	}
}
