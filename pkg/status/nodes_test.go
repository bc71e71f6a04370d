package status_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

const (
	foreignBeat = `{"status": "alive", "ts": 1763690000.1}`
	baseConfig  = `{"interval": 10, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`
)

func TestForeignHeartbeatLivesAsLongAsItsLease(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	s := sourceOf(c)
	lease, err := cli.Grant(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	put(t, cli, map[string]string{keys.Heartbeat("named"): foreignBeat, keys.Heartbeat("unnamed"): foreignBeat},
		clientv3.WithLease(lease.ID))
	put(t, cli, map[string]string{keys.Config("named"): baseConfig})

	st := status.Gather(t.Context(), s)
	if diff := cmp.Diff([]string{"named Alive", "unnamed Alive"}, stateLines(st.Nodes)); diff != "" || st.Verdict != model.Healthy {
		t.Errorf("%s, nodes (-want +got):\n%s", st.Verdict, diff)
	}

	awaitNoHeartbeat(t, c)
	st = status.Gather(t.Context(), s)
	if diff := cmp.Diff([]string{"named Dead"}, stateLines(st.Nodes)); diff != "" {
		t.Errorf("after the lease's end, nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"node named is dead"}, st.Reasons); diff != "" || st.Verdict != model.Degraded {
		t.Errorf("after the lease's end: %s, reasons (-want +got):\n%s", st.Verdict, diff)
	}
}

func TestNothingUnderTheKeysBreaksTheList(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	huge := strings.Repeat("x", 1<<20)
	const escapes = "\x1b[2J\x1b]0;owned\x07"
	invalid := map[string]string{
		"garbage":               "{",
		"array":                 "[]",
		"null":                  "null",
		"empty":                 "",
		"huge":                  huge,
		"hugely-alive":          `{"status": "` + huge + `", "ts": 1763690000.1}`,
		"escapes":               escapes,
		"status-of-escapes":     `{"status": "\u001b[2J", "ts": 1763690000.1}`,
		"no-time":               `{"status": "alive"}`,
		"time-of-another-world": `{"status": "alive", "ts": 1e300}`,
		// Under these names, not even a heartbeat is valid.
		"":                       foreignBeat,
		"a/b":                    foreignBeat,
		"UPPER":                  foreignBeat,
		escapes:                  foreignBeat,
		"\xff\xfe":               foreignBeat,
		strings.Repeat("a", 254): foreignBeat,
	}
	values := map[string]string{keys.Heartbeat("good"): beat(t), keys.ConfigDefault(): huge}
	want := map[string]model.NodeState{"good": model.NodeAlive}
	for name, value := range invalid {
		values[keys.Heartbeat(name)] = value
		want[name] = model.NodeInvalid
	}
	for name, value := range map[string]string{"config-garbage": "{", "config-huge": huge, "config-escapes": escapes} {
		values[keys.Config(name)] = value
		want[name] = model.NodeDead // whatever it says, it names the node
	}
	values[keys.Config("CONFIG\x1b[2J")] = baseConfig
	want["CONFIG\x1b[2J"] = model.NodeInvalid
	put(t, c.Client(), values)

	st := status.Gather(t.Context(), sourceOf(c))
	got := make(map[string]model.NodeState)
	for _, n := range st.Nodes {
		got[n.Name] = n.State
		if (n.State != model.NodeAlive) != (n.Reason != "") {
			t.Errorf("%.20q is %s, with reason %.80q", n.Name, n.State, n.Reason)
		}
		if len(n.Reason) > 1000 || strings.ContainsAny(n.Reason, "\x1b\x07") {
			t.Errorf("%.20q has %d bytes of reason: %.80q", n.Name, len(n.Reason), n.Reason)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if len(st.Errors) > 0 || st.Verdict != model.Degraded || st.Counts.Invalid != len(invalid)+1 {
		t.Errorf("%s, errors %q, counts %+v", st.Verdict, st.Errors, st.Counts)
	}
}

func TestNodesAreThoseOfKeysAndTarget(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	put(t, c.Client(), map[string]string{
		keys.Heartbeat("b"): beat(t), keys.Heartbeat("a"): beat(t), keys.Config("c"): baseConfig, keys.ConfigDefault(): baseConfig,
	})
	s := sourceOf(c, "b", "expected")
	for name, tc := range map[string]struct{ names, rows, missing []string }{
		"all":            {nil, []string{"a Alive", "b Alive", "c Dead", "expected Dead"}, nil},
		"named":          {[]string{"expected", "a"}, []string{"expected Dead", "a Alive"}, nil},
		"some not there": {[]string{"x", "b", "_default"}, []string{"b Alive"}, []string{"x", "_default"}},
		"none there":     {[]string{"x"}, []string{}, []string{"x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, missing, err := status.Nodes(t.Context(), s, tc.names)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.rows, stateLines(list.Items)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if list.Counts != model.CountNodes(list.Items) || list.Kind != model.KindNodeList || list.Target != "test" {
				t.Errorf("list is %+v", list)
			}
		})
	}
}

func TestFleetOf5000IsListedWhole(t *testing.T) {
	t.Parallel()
	const n = 5000
	c := testcluster.Start(t, 1)
	put(t, c.Client(), fleet(t, n))
	s := sourceOf(c, nodeName(n))
	st := status.Gather(t.Context(), s)
	if diff := cmp.Diff(model.NodeCounts{Total: n + 1, Alive: n, Dead: 1}, st.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	for i, node := range st.Nodes {
		if node.Name != nodeName(i) {
			t.Fatalf("row %d is %s, want %s", i, node.Name, nodeName(i))
		}
		if i < n && node.Metrics[model.MetricCPU] != 12.5 {
			t.Fatalf("%s has metrics %v", node.Name, node.Metrics)
		}
	}
}

// awaitNoHeartbeat waits until the last heartbeat is gone.
func awaitNoHeartbeat(t *testing.T, c *testcluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	cli := c.Client()
	for {
		left, err := cli.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			t.Fatal(err)
		}
		if left.Count == 0 {
			return
		}
		watch, stop := context.WithCancel(ctx)
		changes := cli.Watch(watch, keys.HeartbeatPrefix, clientv3.WithPrefix(), clientv3.WithRev(left.Header.Revision+1))
		if resp := <-changes; resp.Err() != nil || ctx.Err() != nil {
			t.Fatalf("wait for the lease's end: %v", resp.Err())
		}
		stop()
	}
}

func BenchmarkGather5000(b *testing.B) {
	c := testcluster.Start(b, 3)
	put(b, c.Client(), fleet(b, 5000))
	s := sourceOf(c)
	for b.Loop() {
		if st := status.Gather(b.Context(), s); st.Counts.Alive != 5000 {
			b.Fatalf("counts: %+v", st.Counts)
		}
	}
}
