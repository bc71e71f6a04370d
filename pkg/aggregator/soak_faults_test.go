package aggregator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// faults are what goes wrong in a soak, one after the other, each mended again.
type faults struct {
	rng   *rand.Rand
	count map[string]int
}

func newFaults(seed uint64, stream uint64) *faults {
	return &faults{rng: rand.New(rand.NewPCG(seed, stream)), count: map[string]int{}}
}

// fault breaks something, and mends it when mend is called.
type fault struct {
	name   string
	weight int
	strike func() (mend func())
	atMost time.Duration // how long it lasts
}

// run makes faults until ctx ends.
func (f *faults) run(ctx context.Context, list []fault) {
	total := 0
	for _, x := range list {
		total += x.weight
	}
	for ctx.Err() == nil {
		f.pause(ctx, 1500*time.Millisecond)
		n := f.rng.IntN(total)
		for _, x := range list {
			if n -= x.weight; n >= 0 {
				continue
			}
			f.count[x.name]++
			mend := x.strike()
			f.pause(ctx, x.atMost)
			mend()
			break
		}
	}
}

func (f *faults) pause(ctx context.Context, atMost time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(f.rng.Int64N(int64(atMost) + 1))):
	}
}

// linked is a replica with a way to etcd of its own.
type linked struct {
	*process
	link *testcluster.Link
}

// ofReplicas are the faults of the replicas, mostly of the one that leads.
func (f *faults) ofReplicas(ctx context.Context, client *etcd.Client, replicas map[string]*linked) []fault {
	pick := func() *linked {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if resp, err := client.Get(ctx, keys.Candidates(keys.AggregatorElection), clientv3.WithFirstCreate()...); err == nil && len(resp.Kvs) > 0 && f.rng.IntN(4) > 0 {
			for name, r := range replicas {
				if string(resp.Kvs[0].Value[:len(`{"name":"`)+len(name)]) == `{"name":"`+name {
					return r
				}
			}
		}
		return replicas[fmt.Sprintf("replica-%d", 1+f.rng.IntN(len(replicas)))]
	}
	end := func(s syscall.Signal) func() func() {
		return func() func() {
			r := pick()
			r.signal(s)
			r.wait()
			return r.start
		}
	}
	return []fault{
		{"kill a replica", 5, end(syscall.SIGKILL), time.Second},
		{"stop a replica in good order", 3, end(syscall.SIGTERM), time.Second},
		{"pause a replica", 4, func() func() {
			r := pick()
			r.signal(syscall.SIGSTOP)
			return func() { r.signal(syscall.SIGCONT) }
		}, 5 * time.Second},
		{"cut a replica off", 3, func() func() { r := pick(); r.link.Cut(); return r.link.Mend }, 4 * time.Second},
		{"mute a replica", 2, func() func() { r := pick(); r.link.Mute(); return r.link.Mend }, 4 * time.Second},
	}
}

// ofStore are the faults of etcd, and of other clients of the same keys.
func (f *faults) ofStore(ctx context.Context, c *testcluster.Cluster, client *etcd.Client, recorded func() int64) []fault {
	member := func() *testcluster.Member { return c.Members[f.rng.IntN(len(c.Members))] }
	nothing := func() {}
	call := func(do func(context.Context)) func() func() {
		return func() func() {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			do(ctx)
			return nothing
		}
	}
	leaderKey := func(ctx context.Context, do func(key string, lease clientv3.LeaseID)) {
		if resp, err := client.Get(ctx, keys.Candidates(keys.AggregatorElection), clientv3.WithFirstCreate()...); err == nil && len(resp.Kvs) > 0 {
			do(string(resp.Kvs[0].Key), clientv3.LeaseID(resp.Kvs[0].Lease))
		}
	}
	return []fault{
		{"cut a member off from its clients", 3, func() func() { m := member(); m.Cut(); return m.Mend }, 3 * time.Second},
		{"mute a member", 2, func() func() { m := member(); m.Mute(); return m.Mend }, 3 * time.Second},
		{"stop a member", 3, func() func() { m := member(); m.Stop(); return m.Start }, 2 * time.Second}, //nolint:contextcheck // a member's end has the test's
		{"lose the quorum", 1, func() func() { //nolint:contextcheck // likewise
			a, b := c.Members[0], c.Members[1+f.rng.IntN(2)]
			a.Stop()
			b.Stop()
			return c.Restart
		}, time.Second},
		{"delete the leader's key", 2, call(func(ctx context.Context) {
			leaderKey(ctx, func(key string, _ clientv3.LeaseID) { _, _ = client.Delete(ctx, key) })
		}), 0},
		{"revoke the leader's lease", 2, call(func(ctx context.Context) {
			leaderKey(ctx, func(_ string, lease clientv3.LeaseID) { _, _ = client.Revoke(ctx, lease) })
		}), 0},
		{"lose the summary", 1, call(func(ctx context.Context) {
			if f.rng.IntN(2) == 0 {
				_, _ = client.Delete(ctx, keys.Summary())
			} else {
				_, _ = client.Put(ctx, keys.Summary(), "{")
			}
		}), 0},
		{"compact", 4, call(func(ctx context.Context) { _, _ = client.Compact(ctx, recorded()) }), 0},
	}
}
