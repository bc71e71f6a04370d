package aggregator_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	deathTTL = 5 * time.Second
	// patientTTL is more than a busy machine may let a process of it stand still.
	patientTTL = 30 * time.Second
	// revokeRate is how many leases a second etcd ends at most, and expiryTick how
	// long the first of them waits (server/lease/lessor.go).
	revokeRate = 1000
	expiryTick = 500 * time.Millisecond
)

func TestOfManyThatDieAtOnceEachIsToldOnceAndNobodyElse(t *testing.T) {
	t.Parallel()
	massDeath(t, 400, 200, patientTTL)
}

// BenchmarkMassDeath lets 2,000 of 4,000 agents die at once. "s-limit" is what
// etcd's own rate of ending leases allows.
func BenchmarkMassDeath(b *testing.B) {
	var took time.Duration
	for range b.N {
		took += massDeath(b, 4000, 2000, deathTTL)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took.Seconds()/float64(b.N), "s-all-dead")
	b.ReportMetric((deathTTL + expiryTick + 2000*time.Second/revokeRate).Seconds(), "s-limit")
}

// massDeath lets some of many agents die at once, checks what is told of it, and
// returns after what time the last of them was. The others have another TTL.
func massDeath(t testing.TB, agents, victims int, ttl time.Duration) time.Duration {
	t.Helper()
	c := testcluster.Start(t, 3)
	start(t, replicaConfig{Name: "one", Endpoints: c.Endpoints(), TTL: 5 * time.Second})
	live, dying := c.Client(), c.Client()
	beat(t, live, victims, agents, ttl)
	beat(t, dying, 0, victims, deathTTL)
	seen := eventsOf(t, c.Client())
	for range agents + 1 { // and the leader
		<-seen
	}

	died := map[string]int{}
	began := time.Now()
	dying.Close()
	for range victims {
		select {
		case e := <-seen:
			died[e.Host]++
			if e.Type != model.EventDied {
				t.Errorf("%s %s", e.Type, e.Host)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%d of %d are told dead", len(died), victims)
		}
	}
	took := time.Since(began)
	for i := range victims {
		if n := died[hostOf(i)]; n != 1 {
			t.Errorf("%s is told dead %d times", hostOf(i), n)
		}
	}
	select {
	case e := <-seen:
		t.Errorf("and then: %s %s", e.Type, e.Host)
	case <-time.After(2 * time.Second):
	}
	return took
}

func hostOf(i int) string { return fmt.Sprintf("node-%d", i) }

// beat keeps the heartbeats of hosts alive, each on a lease of its own, until the
// client is closed.
func beat(t testing.TB, client *etcd.Client, from, to int, ttl time.Duration) {
	t.Helper()
	var starting errgroup.Group
	starting.SetLimit(50)
	for i := from; i < to; i++ {
		starting.Go(func() error {
			lease, err := client.Grant(client.Ctx(), int64(ttl/time.Second))
			if err != nil {
				return err
			}
			alive, err := client.KeepAlive(client.Ctx(), lease.ID)
			if err != nil {
				return err
			}
			go func() {
				for range alive { // until the client is closed
				}
			}()
			_, err = client.Put(client.Ctx(), keys.Heartbeat(hostOf(i)), heartbeat("alive", 1, ""), clientv3.WithLease(lease.ID))
			return err
		})
	}
	if err := starting.Wait(); err != nil {
		t.Fatal(err)
	}
}

// eventsOf tells of every event, those that are there already first.
func eventsOf(t testing.TB, client *etcd.Client) <-chan *model.Event {
	t.Helper()
	seen := make(chan *model.Event, 10_000)
	var following sync.WaitGroup
	following.Go(func() {
		_ = client.Follow(client.Ctx(), []etcd.Range{{Key: keys.EventPrefix, Prefix: true}}, etcd.Follower{Update: func(u etcd.Update) {
			for _, change := range u.Changes {
				if change.KV == nil {
					continue
				}
				if e, err := model.DecodeEvent(change.KV.Value); err == nil {
					seen <- e
				}
			}
		}})
	})
	t.Cleanup(func() { client.Close(); following.Wait() })
	return seen
}
