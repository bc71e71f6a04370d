package view

import (
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestGarbageUnderAHeartbeatKeyIsAnInvalidNode(t *testing.T) {
	for value, why := range map[string]string{
		"":                           "not a heartbeat: not a JSON object",
		"\x1b[2J\xff":                "not a heartbeat: not a JSON object",
		`{"ts":5}`:                   `not a heartbeat: no "status"`,
		`{"status":"dead","ts":5}`:   `not a heartbeat: status is neither "alive" nor "leaving"`,
		`{"status":"alive","ts":-5}`: `not a heartbeat: "ts" is not a time in seconds since 1970`,
	} {
		w := newWorld(t)
		w.put("a", value)
		w.want("a", model.NodeInvalid, why)
		w.pass(time.Hour)
		w.want("a", model.NodeInvalid, why)
		if n := w.row("a"); n.Age != nil {
			t.Errorf("%q has an age of %v", value, *n.Age)
		}
		w.put("a", w.alive(0, promised25))
		w.want("a", model.NodeAlive, "")
		w.put("a", value)
		w.want("a", model.NodeInvalid, why)
		w.DeleteHeartbeat("a")
		w.wantNames()
		w.Expect([]string{"a"})
		w.want("a", model.NodeDead, "no heartbeat")
		w.put("a", value)
		w.DeleteHeartbeat("a")
		w.want("a", model.NodeDead, "no heartbeat")
	}
}

func TestIllNamedKeysAreInvalidNodesWhateverTheyHold(t *testing.T) {
	const why = `host name "Node_1": only lower case is allowed`
	for kind, put := range map[string]func(*world){
		"heartbeat": func(w *world) { w.put("Node_1", w.alive(0, promised25)) },
		"leaving":   func(w *world) { w.put("Node_1", w.beat(model.StatusLeaving, 0, "")) },
		"garbage":   func(w *world) { w.put("Node_1", "junk") },
		"config":    func(w *world) { w.configure("Node_1", `{}`, 5) },
		"both":      func(w *world) { w.put("Node_1", w.alive(0, "")); w.configure("Node_1", `{}`, 5) },
		"target":    func(w *world) { w.Expect([]string{"Node_1"}) },
	} {
		w := newWorld(t)
		put(w)
		if n := w.row("Node_1"); n.State != model.NodeInvalid || n.Reason != why {
			t.Errorf("%s: %s, reason %q", kind, n.State, n.Reason)
		}
		w.DeleteHeartbeat("Node_1")
		w.DeleteConfig("Node_1", 6)
		w.Expect(nil)
		w.wantNames()
	}
	w := newWorld(t)
	w.put(model.DefaultHost, w.alive(0, "")) // names every host's config, and no host
	w.want(model.DefaultHost, model.NodeInvalid, `host name "_default": '_' is not allowed, only a-z, 0-9, '-' and '.'`)
}
