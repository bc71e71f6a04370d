package view

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (w *world) wantRevision(name string, revision int64) {
	w.t.Helper()
	if got := w.row(name).WantedRevision; got != revision {
		w.t.Errorf("revision %d of %q is wanted, want %d", got, name, revision)
	}
}

func TestWantedRevisionIsTheHighestOfOwnAndDefaultConfig(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, ""))
	w.put("b", w.alive(0, ""))
	for _, step := range []struct {
		change       func()
		wantA, wantB int64
	}{
		{func() {}, 0, 0},
		{func() { w.configure("a", `{}`, 5) }, 5, 0},
		{func() { w.configure(model.DefaultHost, `{}`, 7) }, 7, 7},
		{func() { w.configure("b", `junk`, 9) }, 7, 9},
		{func() { w.DeleteConfig("a", 11) }, 11, 9},
		{func() { w.DeleteConfig(model.DefaultHost, 12) }, 12, 12},
		{func() { w.DeleteConfig("b", 13) }, 12, 13},
		{func() { w.DeleteConfig("never-seen", 14) }, 12, 13},
	} {
		step.change()
		w.wantRevision("a", step.wantA)
		w.wantRevision("b", step.wantB)
	}
	w.wantNames("a", "b")
}

func TestRejectedConfigIsToldFromAppliedAndSkipped(t *testing.T) {
	for name, c := range map[string]struct {
		fields   string
		reason   string
		rejected bool
	}{
		"applied":               {`,"config_rev":7`, "", false},
		"pending":               {`,"config_rev":5`, "", false},
		"rejected":              {`,"config_rev":5,"config_error":"config of a rejected: ttl"`, "config of a rejected: ttl", true},
		"the first is rejected": {`,"config_error":"config of a rejected: ttl"`, "config of a rejected: ttl", true},
		"some metrics skipped":  {`,"config_rev":7,"config_error":"unknown metrics skipped: gpu"`, "unknown metrics skipped: gpu", false},
		"foreign":               {"", "", false},
	} {
		w := newWorld(t)
		w.configure("a", `{}`, 7)
		w.put("a", w.alive(0, promised25+c.fields))
		n := w.row("a")
		if n.State != model.NodeAlive || n.Reason != c.reason || n.ConfigRejected != c.rejected {
			t.Errorf("%s: %s, reason %q, rejected %v", name, n.State, n.Reason, n.ConfigRejected)
		}
	}
}

func TestRejectedDefaultConfigIsToldOfEveryNode(t *testing.T) {
	const rejects = promised25 + `,"config_rev":5,"config_error":"config of _default rejected: ttl"`
	w := newWorld(t)
	w.put("a", w.alive(0, rejects))
	w.put("b", w.alive(0, rejects))
	w.configure(model.DefaultHost, `{"ttl":0}`, 7)
	if counts := model.CountNodes(w.Nodes()); counts.Rejected != 2 || counts.Alive != 2 {
		t.Errorf("%+v", counts)
	}
}

func TestReasonOfABadStateIsNotHiddenByTheConfigs(t *testing.T) {
	w := newWorld(t)
	w.Expect([]string{"a"})
	w.put("a", w.alive(0, promised25+`,"config_error":"config of a rejected: ttl"`))
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, leaseEnded)
}

func TestExpectAddsAndRemovesNodes(t *testing.T) {
	w := newWorld(t)
	w.put("alive", w.alive(0, promised25))
	w.configure("configured", `{}`, 5)
	w.Expect([]string{"alive", "configured", "new", "new"})
	w.wantNames("alive", "configured", "new")
	w.Expect([]string{"other"})
	w.wantNames("alive", "configured", "other")
	w.DeleteHeartbeat("alive")
	w.wantNames("configured", "other")
	w.DeleteConfig("configured", 6)
	w.wantNames("other")
	w.Expect(nil)
	w.wantNames()
}

func TestNodeStaysWhileAnythingSpeaksForIt(t *testing.T) {
	w := newWorld(t)
	w.Expect([]string{"a"})
	w.configure("a", `{}`, 5)
	w.put("a", w.alive(0, promised25))
	w.Expect(nil)
	w.DeleteConfig("a", 6)
	w.want("a", model.NodeAlive, "")
	w.configure("a", `{}`, 7)
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, leaseEnded)
	w.Expect([]string{"a"})
	w.DeleteConfig("a", 8)
	w.want("a", model.NodeDead, leaseEnded)
	w.Expect(nil)
	w.wantNames()
	w.configure("a", `{}`, 9) // what was known of it before is forgotten
	w.want("a", model.NodeDead, "no heartbeat")
}

func TestRowsAreSortedByName(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"node-2", "b", "node-10", "a", "", "Z", "node-1"} {
		w.put(name, w.alive(0, ""))
	}
	for range 10 { // a map's order changes
		w.wantNames("", "Z", "a", "b", "node-1", "node-10", "node-2")
	}
}

func TestOneNodesRowIsTheOneAmongAll(t *testing.T) {
	w, states := eachState(t)
	w.configure(model.DefaultHost, `{"interval":1}`, 5)
	for _, change := range []func(){func() {}, func() { w.pass(time.Minute) }, func() { w.Lost("gone") }, func() { w.pass(time.Minute); w.Found() }} {
		change()
		for name := range states {
			got, ok := w.Node(name)
			if diff := cmp.Diff(w.row(name), got); diff != "" || !ok {
				t.Errorf("%q: %v, (-among all +alone):\n%s", name, ok, diff)
			}
		}
	}
	if n, ok := w.Node("never-seen"); ok {
		t.Errorf("%+v", n)
	}
}
