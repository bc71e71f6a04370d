package bench

import (
	"context"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Some 750 bytes go over the wire for a heartbeat: throttled, the three members
// take half of what the fleet sends.
var (
	heavy     = AgentsPlan{Count: 24, Interval: 250 * time.Millisecond, TTL: testTTL, Duration: time.Minute, Conns: 4}
	throttled = int(heavy.Rate()) * 750 / 3 / 2
)

// These tests run one at a time: what they take from each other would be an
// overload of its own.

// testTTL is more than a busy machine may let a process of it stand still.
const testTTL = 10 * time.Second

// wellAgain is how soon after the load is halved all must be well.
const wellAgain = 10 * time.Second

func TestOverloadDropsSamplesAndShowsNobodyDead(t *testing.T) {
	c := testcluster.Start(t, 3)
	l := underLoad(t, c, heavy)
	for _, m := range c.Members {
		m.Throttle(throttled)
		defer m.Mend()
	}
	eventually(t, patient, "samples are dropped", func() bool { return l.meter.lost.Load() > int64(heavy.Count) })
	// More than a lease's TTL of it, in which nothing may pile up.
	lag := newLatency()
	for end := time.Now().Add(testTTL + time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		l.states()
		lag.record(l.meter.passages.oldest(time.Now()))
	}
	if most := lag.summary().Max; most > testTTL.Seconds() {
		t.Errorf("the view lags by %.1f s", most)
	}
	l.checkNoneDead()

	half := l.fleet.members[:heavy.Count/2]
	l.fleet.stop(t.Context(), half, func(int) {})
	calmSince, dropped := time.Now(), l.meter.lost.Load()
	eventually(t, wellAgain, "for a second, no sample is dropped and every agent is shown Alive", func() bool {
		if now := l.meter.lost.Load(); now != dropped || l.states()[string(model.NodeAlive)] != len(half) {
			calmSince, dropped = time.Now(), now
		}
		return time.Since(calmSince) > time.Second
	})
	l.checkNoneDead()
}

func TestMemberThatIsSlowDelaysItsOwnAgentsOnly(t *testing.T) {
	c := testcluster.Start(t, 3)
	l := underLoad(t, c, heavy)
	c.Members[0].Throttle(4000) // some five heartbeats a second, of the 32 that are its share
	defer c.Members[0].Mend()
	before := l.meter.acknowledged.Load()
	for end := time.Now().Add(testTTL + time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		l.states()
	}
	if l.meter.acknowledged.Load() == before {
		t.Error("a slow member stops the whole fleet")
	}
	l.checkNoneDead()
	c.Members[0].Mend()
	eventually(t, wellAgain, "every agent is shown Alive", func() bool { return l.states()[string(model.NodeAlive)] == heavy.Count })
	l.checkNoneDead()
}

func TestStoreWithoutSpaceMakesAgentsStaleNotDead(t *testing.T) {
	c := testcluster.Start(t, 3, testcluster.Quota(4<<20))
	l := underLoad(t, c, AgentsPlan{Count: 10, Interval: 200 * time.Millisecond, TTL: testTTL, Duration: time.Minute, Conns: 4})
	client := c.Client()
	fill(t, client)
	eventually(t, patient, "every agent is shown Stale", func() bool { return l.states()[string(model.NodeStale)] == 10 })
	// Longer than the leases live if nobody renews them.
	for end := time.Now().Add(testTTL + time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		l.states()
	}
	if n := l.meter.failed.reasons()["mvcc: database space exceeded"]; n == 0 {
		t.Errorf("failures: %v", l.meter.failed.reasons())
	}
	l.checkNoneDead()

	makeRoom(t, client, c.Endpoints())
	eventually(t, wellAgain, "every agent is shown Alive", func() bool { return l.states()[string(model.NodeAlive)] == 10 })
	l.checkNoneDead()
}

const filler = keys.BenchPrefix + "filler"

// fill puts until the store takes no more.
func fill(t *testing.T, client *etcd.Client) {
	t.Helper()
	value := string(make([]byte, 200<<10))
	for range 1000 {
		if _, err := client.Put(t.Context(), filler, value); etcd.Classify(err) == etcd.ClassOverloaded {
			return
		}
	}
	t.Fatal("the store is never full")
}

// makeRoom does what an admin does about a full store.
func makeRoom(t *testing.T, client *etcd.Client, endpoints []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	gone, err := client.Delete(ctx, filler)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Compact(ctx, gone.Header.Revision, clientv3.WithCompactPhysical()); err != nil {
		t.Fatal(err)
	}
	for _, ep := range endpoints {
		if _, err := client.Defragment(ctx, ep); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.AlarmDisarm(ctx, &clientv3.AlarmMember{}); err != nil {
		t.Fatal(err)
	}
}
