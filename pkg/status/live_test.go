package status_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// runLive runs a Live of c until the test ends.
func runLive(t *testing.T, c *testcluster.Cluster, hosts ...string) *status.Live {
	t.Helper()
	return runLiveOf(t, &status.Source{
		Name: "test", Etcd: etcd.Config{Endpoints: c.Endpoints()}, Pool: c.Pool(), Hosts: hosts, Now: time.Now,
	})
}

func runLiveOf(t *testing.T, s *status.Source) *status.Live {
	t.Helper()
	live := status.NewLive(s)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := live.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	liveUntil(t, live, "a first look", live.Ready)
	return live
}

func liveUntil(t *testing.T, live *status.Live, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-live.Changed():
		case <-timeout:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestLiveMissesNoChange(t *testing.T) {
	t.Parallel()
	const changes, hosts = 1000, 20
	c := testcluster.Start(t, 3)
	live := runLive(t, c)
	live.TakeAll()
	cli := c.Client()
	rng := rand.New(rand.NewPCG(3, 4))
	want := make(map[string][]float64) // by host, in order; -1 is a deletion
	var rev int64
	write := func(n int) {
		for range n {
			host := fmt.Sprintf("node-%d", rng.IntN(hosts))
			value := float64(len(want[host]))
			op := clientv3.OpPut(keys.Heartbeat(host), fmt.Sprintf(
				`{"status":"alive","ts":%d,"boot":"b","silence":600,"metrics":{"n":%v}}`, time.Now().Unix(), value))
			if past := want[host]; rng.IntN(10) == 0 && len(past) > 0 && past[len(past)-1] >= 0 {
				op, value = clientv3.OpDelete(keys.Heartbeat(host)), -1
			}
			// An answer that is lost leaves the outcome unknown; the same once more settles it.
			for {
				resp, err := cli.Txn(t.Context()).Then(op).Commit()
				if err == nil {
					rev = resp.Header.Revision
					break
				}
			}
			want[host] = append(want[host], value)
		}
	}

	write(changes / 4)
	// A compaction behind the watch does no harm.
	if _, err := cli.Compact(t.Context(), rev); err != nil {
		t.Fatal(err)
	}
	write(changes / 4)
	leader := c.Leader()
	leader.Stop()
	write(changes / 4)
	leader.Start()
	for _, m := range c.Members {
		m.Cut()
	}
	time.AfterFunc(300*time.Millisecond, func() {
		for _, m := range c.Members {
			m.Mend()
		}
	})
	write(changes / 4)

	got := make(map[string][]float64)
	total := 0
	liveUntil(t, live, "all changes", func() bool {
		for _, n := range live.TakeChanges() {
			value := -1.0
			if v, ok := n.Metrics["n"]; ok && n.State != model.NodeLeft {
				value = v
			}
			if n.State == model.NodeUnknown || len(got[n.Name]) > 0 && got[n.Name][len(got[n.Name])-1] == value {
				continue // told of the store, or twice by a put that was made twice
			}
			got[n.Name] = append(got[n.Name], value)
			total++
		}
		return total >= changes
	})
	for host, values := range want {
		if fmt.Sprint(got[host]) != fmt.Sprint(values) {
			t.Errorf("%s: told %v, made %v", host, got[host], values)
		}
	}
}

func TestLiveShowsWhatItKnewWhileTheStoreIsAwayAndGoesOn(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	beat := fmt.Sprintf(`{"status":"alive","ts":%d,"silence":600,"metrics":{"n":1}}`, time.Now().Unix())
	if _, err := cli.Put(t.Context(), keys.Heartbeat("node-1"), beat); err != nil {
		t.Fatal(err)
	}
	live := runLive(t, c, "node-2")
	if st := live.Status(); st.Verdict != model.Degraded || st.Counts.Alive != 1 || st.Counts.Dead != 1 {
		t.Errorf("at first: %s, %+v", st.Verdict, st.Counts)
	}
	c.Members[0].Stop()
	liveUntil(t, live, "UNKNOWN", func() bool {
		st := live.Status()
		return st.Verdict == model.Unknown && st.Counts.Unknown == 2
	})
	for _, n := range live.Nodes().Items {
		want := map[string]model.NodeState{"node-1": model.NodeAlive, "node-2": model.NodeDead}[n.Name]
		if n.LastState != want || n.Name == "node-1" && n.Age == nil {
			t.Errorf("%s: last known %q, age %v", n.Name, n.LastState, n.Age)
		}
	}
	c.Members[0].Start()
	liveUntil(t, live, "the nodes again", func() bool {
		st := live.Status()
		return st.Verdict == model.Degraded && st.Counts.Alive == 1 && st.Leader.Name != ""
	})
	if l := live.Leader(); l.Leader.ID == "" || len(live.Members().Items) != 1 {
		t.Errorf("leader %+v, members %+v", l.Leader, live.Members().Items)
	}
}

func TestLiveTellsOfANodeThatFallsSilent(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	live := runLive(t, c)
	live.TakeAll()
	beat := fmt.Sprintf(`{"status":"alive","ts":%d,"silence":1}`, time.Now().Unix())
	if _, err := c.Client().Put(t.Context(), keys.Heartbeat("node-1"), beat); err != nil {
		t.Fatal(err)
	}
	var states []model.NodeState
	liveUntil(t, live, "Stale", func() bool {
		for _, n := range live.TakeChanges() {
			states = append(states, n.State)
		}
		return len(states) >= 2
	})
	if states[0] != model.NodeAlive || states[1] != model.NodeStale {
		t.Errorf("told %v", states)
	}
}
