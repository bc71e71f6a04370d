package view

import (
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// eachState is a world with a node in each state, named by it in lower case.
func eachState(t *testing.T) (*world, map[string]model.NodeState) {
	t.Helper()
	w := newWorld(t)
	w.put("stale", w.alive(0, promised25))
	w.pass(26 * time.Second)
	w.Expect([]string{"dead"})
	w.put("alive", w.alive(0, promised25))
	w.put("left", w.beat(model.StatusLeaving, 0, promised25))
	w.put("invalid", "junk")
	states := map[string]model.NodeState{
		"alive": model.NodeAlive, "stale": model.NodeStale, "dead": model.NodeDead, "left": model.NodeLeft, "invalid": model.NodeInvalid,
	}
	for name, state := range states {
		if got := w.row(name).State; got != state {
			t.Fatalf("%q is %s", name, got)
		}
	}
	return w, states
}

func (w *world) wantUnknown(name, reason string, last model.NodeState) {
	w.t.Helper()
	w.want(name, model.NodeUnknown, reason)
	if got := w.row(name).LastState; got != last {
		w.t.Errorf("the last state of %q is %s, want %s", name, got, last)
	}
}

func TestNodesAreUnknownWhileTheStoreCannotBeRead(t *testing.T) {
	w, states := eachState(t)
	w.Lost("no answer in time")
	for _, passed := range []time.Duration{0, time.Second, time.Hour} {
		w.pass(passed)
		for name, last := range states {
			w.wantUnknown(name, "no answer in time", last)
		}
		w.wantNames("alive", "dead", "invalid", "left", "stale")
	}
	w.wantAge("alive", time.Hour+time.Second)
	if n := w.row("dead"); n.Age != nil {
		t.Errorf("age %v of a node that was never seen", *n.Age)
	}
}

func TestOutageDoesNotMakeTheLastStateWorse(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	w.pass(20 * time.Second)
	w.Lost("no answer in time")
	w.pass(20 * time.Second)
	w.Lost("connection refused") // and so again and again
	w.wantUnknown("a", "connection refused", model.NodeAlive)
	w.wantAge("a", 40*time.Second)
}

func TestStoreThatIsBackMakesNodesKnownAgain(t *testing.T) {
	w, states := eachState(t)
	w.Found() // though it was never lost
	w.Lost("no answer in time")
	w.Found()
	for name, state := range states {
		n := w.row(name)
		if n.State != state || n.LastState != "" {
			t.Errorf("%q is %s, last %q", name, n.State, n.LastState)
		}
	}
	w.pass(26 * time.Second)
	w.Lost("again")
	w.wantUnknown("alive", "again", model.NodeStale)
	w.put("alive", w.alive(0, promised25))
	w.Found()
	w.want("alive", model.NodeAlive, "")
}

func TestOutageIsNoSilenceOfTheNodes(t *testing.T) {
	for name, listed := range map[string]bool{"seen as it was put": false, "found in a list": true} {
		w := newWorld(t)
		w.PutHeartbeat("a", nil, Heartbeat{Value: []byte(w.alive(0, promised25)), Leased: true, Listed: listed})
		w.pass(20 * time.Second)
		w.Lost("no answer in time")
		w.pass(time.Hour)
		w.Found()
		w.wantAge("a", time.Hour+20*time.Second)
		w.pass(5 * time.Second)
		w.want("a", model.NodeAlive, "")
		w.pass(time.Second)
		if got := w.row("a").State; got != model.NodeStale {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSilenceAddsUpOverManyOutages(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	for range 5 {
		w.want("a", model.NodeAlive, "")
		w.pass(5 * time.Second)
		w.Lost("no answer in time")
		w.pass(time.Minute)
		w.Found()
	}
	w.want("a", model.NodeAlive, "")
	w.pass(time.Second)
	w.want("a", model.NodeStale, "no heartbeat for 26s, promised every 25s")
}

func TestHeartbeatFedDuringAnOutageIsHeardFromItsEnd(t *testing.T) {
	w := newWorld(t)
	w.Lost("no answer in time")
	w.pass(time.Minute)
	w.put("a", w.alive(0, promised25))
	w.pass(time.Minute)
	w.Found()
	w.pass(25 * time.Second)
	w.want("a", model.NodeAlive, "")
	w.pass(time.Second)
	w.want("a", model.NodeStale, "no heartbeat for 26s, promised every 25s")
}

func TestOutageNeedsNoReason(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	w.Lost("")
	w.wantUnknown("a", "", model.NodeAlive)
}

// One member that answers without a quorum may still tell of older values.
func TestWhatIsFedDuringAnOutageIsTheLastThatIsKnown(t *testing.T) {
	w := newWorld(t)
	w.Lost("the members have no quorum")
	w.pass(time.Second)
	w.Expect([]string{"dead"})
	w.PutHeartbeat("alive", nil, Heartbeat{Value: []byte(w.alive(-3*time.Second, promised25)), Leased: true, Listed: true})
	w.PutHeartbeat("stale", nil, Heartbeat{Value: []byte(w.alive(-time.Hour, promised25)), Leased: true, Listed: true})
	w.wantUnknown("alive", "the members have no quorum", model.NodeAlive)
	w.wantUnknown("stale", "the members have no quorum", model.NodeStale)
	w.wantUnknown("dead", "the members have no quorum", model.NodeDead)
	w.wantAge("alive", 3*time.Second)
	w.DeleteHeartbeat("alive")
	w.wantNames("dead", "stale")
}
