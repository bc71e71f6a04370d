package bench

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const patient = 30 * time.Second

func configOf(c *testcluster.Cluster) Config {
	return Config{Source: &status.Source{Name: "test", Etcd: etcd.Config{Endpoints: c.Endpoints()}, Pool: c.Pool(), Now: time.Now}}
}

// eventually waits until ok holds.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// checkNothingLeft fails if there are more keys, or if there are leases that do not
// end by themselves: that of an agent which could not say goodbye in time.
func checkNothingLeft(t *testing.T, client *etcd.Client, but int64) {
	t.Helper()
	found, err := client.Get(t.Context(), keys.Root, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		t.Fatal(err)
	}
	if found.Count != but {
		t.Errorf("left: %v", found.Kvs)
	}
	eventually(t, patient, "the leases have ended", func() bool {
		leases, err := client.Leases(t.Context())
		return err == nil && len(leases.Leases) == 0
	})
}

// loaded is a fleet under way, with its observers and an open window.
type loaded struct {
	*agentsRun
	t             *testing.T
	stopObserving func() // the view stays as it is then
}

// underLoad starts a fleet that runs until the test ends.
func underLoad(t *testing.T, c *testcluster.Cluster, plan AgentsPlan) *loaded {
	t.Helper()
	plan.Complete()
	r := &agentsRun{Config: configOf(c), plan: plan, meter: newMeter(plan.Interval)}
	var err error
	if r.fleet, err = newFleet(plan, newID(), r.Source.Etcd, r.meter); err != nil {
		t.Fatal(err)
	}
	r.observer = newObserver(r.Source, r.fleet)
	ctx, cancel := context.WithCancel(t.Context())
	var observing sync.WaitGroup
	observing.Go(func() { _ = r.observer.run(ctx) })
	stopObserving := func() {
		cancel()
		observing.Wait()
	}
	t.Cleanup(func() {
		stopObserving()
		over, now := context.WithCancel(context.Background())
		now()
		r.fleet.stop(over, r.fleet.members, func(int) {})
		r.fleet.close()
	})
	if err := r.observer.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.meter.window.open(time.Now())
	return &loaded{r, t, stopObserving}
}

// states counts how the view shows the agents that run.
func (l *loaded) states() map[string]int {
	l.observer.look()
	counts := make(map[string]int)
	for _, n := range l.observer.live.Nodes().Items {
		if s := l.fleet.byHost[n.Name]; s != nil && !s.stopped.Load() {
			counts[string(n.State)]++
		}
	}
	return counts
}

func (l *loaded) checkNoneDead() {
	l.t.Helper()
	if n := l.observer.nodes(); n.FalselyDead > 0 {
		l.t.Errorf("%d nodes were shown dead while their agents ran: %q", n.FalselyDead, n.Details)
	}
}

// oldest is how long the oldest put of those under way has been.
func (p *passages) oldest(now time.Time) (age time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.open {
		if p.window.contains(one.sent) {
			age = max(age, now.Sub(one.sent))
		}
	}
	return age
}
