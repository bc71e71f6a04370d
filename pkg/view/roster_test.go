package view

import (
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	alive   = `{"status":"alive","ts":1763690000,"interval":10}`
	leaving = `{"status":"leaving","ts":1763690000}`
)

func (w *world) remember(name, value string) { w.PutRoster(name, model.CheckHost(name), []byte(value)) }

// The roster knows what an observer who looks once cannot know.
func TestRosterSaysHowANodeWithoutAHeartbeatEnded(t *testing.T) {
	w := newWorld(t)
	w.Expect([]string{"left", "new"})
	w.remember("left", `{"state":"Left","first":"2025-11-01T00:00:00Z","since":"2025-11-02T00:00:00Z"}`)
	w.remember("dead", `{"state":"Dead","since":"2025-11-02T00:00:00Z","why":"its lease ended"}`)
	w.remember("alive", `{"state":"Alive","since":"2025-11-02T00:00:00Z"}`)
	w.remember("garbled", `{"state":"Confused"}`)
	w.remember("Ill-Named", `{"state":"Alive"}`)
	w.want("left", model.NodeLeft, "left in good order")
	w.want("dead", model.NodeDead, "its lease ended")
	w.want("alive", model.NodeDead, "no heartbeat")
	w.want("garbled", model.NodeDead, `no heartbeat, and its roster entry cannot be read: "state" is neither Alive, Dead nor Left`)
	w.want("new", model.NodeDead, "never seen")
	if n := w.row("Ill-Named"); n.State != model.NodeInvalid {
		t.Errorf("an ill-named node is %s", n.State)
	}
	if n := w.row("left"); n.Since == nil || n.FirstSeen == nil || !n.Since.Equal(time.Date(2025, 11, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the roster's times are missing: %+v", n)
	}
	if n := w.row("dead"); n.Since == nil || n.FirstSeen != nil {
		t.Errorf("of a node without a first time, since %v, first seen %v", n.Since, n.FirstSeen)
	}
	if n := w.row("alive"); n.Since != nil {
		t.Errorf("dead since the time at which the roster saw it alive: %v", n.Since)
	}
}

func TestANodeOfTheRosterLeavesWithoutDying(t *testing.T) {
	w := newWorld(t)
	w.remember("a", `{"state":"Alive"}`)
	w.put("a", alive)
	w.want("a", model.NodeAlive, "")
	w.put("a", leaving)
	w.DeleteHeartbeat("a") // before the aggregator has written that it left
	w.want("a", model.NodeLeft, "left in good order")
	w.put("a", alive)
	w.want("a", model.NodeAlive, "")
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, "its lease ended")
}

// While no aggregator leads, the roster may know less than the observer.
func TestANodeThatLeftReturnedAndDiedIsDead(t *testing.T) {
	w := newWorld(t)
	const left = `{"state":"Left","since":"2025-11-02T00:00:00Z","revision":20}`
	seen := func(revision int64, value string) {
		w.PutHeartbeat("a", nil, Heartbeat{Value: []byte(value), Revision: revision})
	}
	seen(10, alive)
	w.DeleteHeartbeat("a")
	w.remember("a", left) // its goodbye was not seen
	w.want("a", model.NodeLeft, "left in good order")
	if w.row("a").Since == nil {
		t.Error("it is not said since when")
	}
	seen(30, alive)
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, "its lease ended")
	seen(40, leaving)
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeLeft, "left in good order")
	if since := w.row("a").Since; since != nil {
		t.Errorf("it has left since the time at which it left before: %v", since)
	}
}

func TestAForgottenNodeIsDropped(t *testing.T) {
	w := newWorld(t)
	w.remember("a", `{"state":"Dead"}`)
	w.remember("b", `{"state":"Dead"}`)
	w.configure("b", `{"interval":1}`, 3)
	w.DeleteRoster("a")
	w.DeleteRoster("a")
	w.DeleteRoster("b")
	w.wantNames("b")
	w.want("b", model.NodeDead, "no heartbeat") // there is no roster any more
}

func TestWhereAllHostsAreKnownTheyDecideWhoHasLeft(t *testing.T) {
	w := newWorld(t)
	for name, state := range map[string]string{"gone": "Dead", "gone-well": "Left", "stopped": "Left", "reports": "Alive", "unwanted": "Left"} {
		w.remember(name, `{"state":"`+state+`"}`)
	}
	w.put("reports", alive)
	w.Expect([]string{"stopped"})
	w.Limit([]string{"stopped", "unwanted"})
	w.want("gone", model.NodeLeft, "Kubernetes no longer has the node")
	w.want("gone-well", model.NodeLeft, "left in good order")
	w.want("reports", model.NodeAlive, "")
	w.want("unwanted", model.NodeLeft, "left in good order")
	w.want("stopped", model.NodeDead, "stopped in good order, and still expected")
	w.Limit([]string{"stopped", "unwanted", "gone"})
	w.want("gone", model.NodeDead, "its lease ended")
}
