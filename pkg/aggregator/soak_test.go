package aggregator_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// slice is how long one seed is soaked for.
const slice = 25 * time.Second

// Whatever is killed, paused, cut off or deleted: one leader at most writes, and
// roster and events are those of the heartbeats' history, each once and in order.
// SOAK_TIME goes on with seed after seed; SOAK_SEED names the first one.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	seed, err := strconv.ParseUint(cmpOr(os.Getenv("SOAK_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatal("SOAK_SEED:", err)
	}
	budget, err := time.ParseDuration(cmpOr(os.Getenv("SOAK_TIME"), "0s"))
	if err != nil {
		t.Fatal("SOAK_TIME:", err)
	}
	began := time.Now()
	for {
		ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { soak(t, seed) })
		if seed++; !ok || time.Since(began)+slice > budget {
			return
		}
	}
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func soak(t *testing.T, seed uint64) {
	t.Helper()
	c := testcluster.Start(t, 3)
	client := c.Client()
	r := record(t, c.Client())
	replicas := map[string]*linked{}
	for i := range 3 {
		link := c.Link(t)
		name := fmt.Sprintf("replica-%d", i+1)
		replicas[name] = &linked{start(t, replicaConfig{Name: name, Endpoints: link.Endpoints(), TTL: 2 * time.Second}), link}
	}
	s := store{t, client}
	s.wait("a first leader", func() bool { return s.summary().Cursor > 0 })

	ctx, stop := context.WithTimeout(t.Context(), slice)
	defer stop()
	ofReplicas, ofStore := newFaults(seed, 1), newFaults(seed, 2)
	f := &fleet{client: c.Client(), rng: rand.New(rand.NewPCG(seed, 3))}
	var running sync.WaitGroup
	running.Go(func() { f.run(ctx) })
	running.Go(func() { ofReplicas.run(ctx, ofReplicas.ofReplicas(ctx, client, replicas)) })
	running.Go(func() { ofStore.run(ctx, ofStore.ofStore(ctx, c, client, r.reached)) })
	running.Wait()

	v := settle(t, s, r)
	maps.Copy(ofStore.count, ofReplicas.count)
	t.Logf("seed %d: %d changes of heartbeats, %d leaders, %d events, %d gaps; faults: %v", seed, f.count, v.leaders, v.events, v.gaps, ofStore.count)
	if len(v.problems) > 0 {
		t.Errorf("%d problems, the first of them:\n%s", len(v.problems), strings.Join(v.problems[:min(len(v.problems), 20)], "\n"))
	}
}

// settle waits until the leader has caught up with the last heartbeat, and
// verifies the whole history.
func settle(t *testing.T, s store, r *recorder) *verification {
	t.Helper()
	var last int64
	for { // the store may still be electing
		resp, err := s.client.Get(t.Context(), keys.HeartbeatPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
		if err == nil {
			last = resp.Header.Revision
			break
		}
	}
	deadline := time.Now().Add(time.Minute)
	for {
		resp, err := s.client.Get(t.Context(), keys.Summary())
		if err == nil && len(resp.Kvs) > 0 && r.reached() >= resp.Kvs[0].ModRevision {
			summary, err := model.DecodeSummary(resp.Kvs[0].Value)
			// What was forgotten last is out of the counts one write later.
			if err == nil && summary.Cursor >= last && time.Until(deadline) < 57*time.Second {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Errorf("no leader has caught up with revision %d within a minute", last)
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	commits := r.commits()
	if !slices.IsSortedFunc(commits, func(a, b []etcd.Change) int { return int(a[0].Revision - b[0].Revision) }) {
		t.Error("the recorder's history is out of order")
	}
	v := verify(commits)
	v.settled()
	return v
}
