//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// testNodeCrash ends a node with all that runs on it, as a power cut would.
func testNodeCrash(t *testing.T) { loseNode(t, "crash", "revive", "2") }

// testNodeCut unplugs a node's network.
func testNodeCut(t *testing.T) { loseNode(t, "cut", "mend", "3") }

// loseNode ends a node and brings it back.
func loseNode(t *testing.T, end, mend, number string) {
	every := nodeNames(t)
	healthy(t, len(every))
	i := slices.IndexFunc(every, func(name string) bool { return strings.HasSuffix(name, "-"+number) })
	if i < 0 {
		t.Fatalf("no node %s among %q", number, every)
	}
	lost := every[i]
	limit := 7 * time.Second
	if leads(t, lost) {
		limit = 10 * time.Second
	}

	toNode(t, end, number)
	begin := time.Now()
	mended := false
	t.Cleanup(func() {
		if !mended {
			t.Errorf("node %s stays ended", lost)
		}
	})
	var seen model.Node
	eventually(t, time.Minute, lost+" to be Dead", func() (bool, any) {
		s := status(t)
		onlyOneDead(t, s, lost)
		seen, _ = node(s, lost)
		return seen.State == model.NodeDead, seen
	})
	took := time.Since(begin)
	ready := kubectl(t, "get", "node", lost, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`).ok(t).stdout
	t.Logf("%s is Dead after %v (limit %v), %q; Kubernetes says Ready: %s", lost, took.Round(10*time.Millisecond), limit, seen.Reason, ready)
	if took > limit {
		t.Errorf("%s is Dead after %v, want %v", lost, took, limit)
	}
	if ready != "True" {
		t.Errorf("Kubernetes says Ready: %q so early", ready)
	}
	eventually(t, 10*time.Second, "the reason", func() (bool, any) {
		seen, _ = node(status(t), lost)
		return strings.Contains(seen.Reason, "node down"), seen.Reason
	})

	// What ran there fails over: a raft leader and an aggregator lead.
	eventually(t, 30*time.Second, "leaders", func() (bool, any) {
		s := status(t)
		onlyOneDead(t, s, lost)
		return s.Leader.Name != "" && s.Aggregator.State == model.Leads && s.Verdict == model.Degraded, []any{s.Verdict, s.Reasons, s.Leader, s.Aggregator}
	})
	toNode(t, mend, number)
	mended = true
	back := time.Now()
	eventually(t, 3*time.Minute, lost+" to be Alive", func() (bool, any) {
		seen, _ = node(status(t), lost)
		return seen.State == model.NodeAlive, seen
	})
	t.Logf("%s is Alive %v after its return", lost, time.Since(back).Round(time.Second))
	healthy(t, len(every))
	monitor(t, "events", "--host", lost).ok(t).says(t, "died").says(t, "returned")
}

// onlyOneDead checks that no other node is shown Dead.
func onlyOneDead(t *testing.T, s model.Status, lost string) {
	t.Helper()
	for _, n := range s.Nodes {
		if n.State == model.NodeDead && n.Name != lost {
			t.Errorf("node %s lives, and is shown Dead: %s", n.Name, n.Reason)
		}
	}
}

// leads reports whether the raft leader is on a node.
func leads(t *testing.T, name string) bool {
	t.Helper()
	s := status(t)
	on := kubectl(t, "get", "pod", s.Leader.Name, "-n", namespace, "-o", "jsonpath={.spec.nodeName}").ok(t).stdout
	return on == name
}
