package view

import (
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestOneLookTakesTheNodesClock(t *testing.T) {
	const (
		leased, bare = true, false
		foreign      = ""
	)
	for name, c := range map[string]struct {
		ahead  time.Duration // of the heartbeat's ts
		fields string
		leased bool
		state  model.NodeState
		reason string
	}{
		"fresh":                       {0, promised25, leased, model.NodeAlive, ""},
		"as old as promised":          {-25 * time.Second, promised25, leased, model.NodeAlive, ""},
		"older":                       {-26 * time.Second, promised25, leased, model.NodeStale, "no heartbeat for 26s by the node's clock, promised every 25s"},
		"older, without a lease":      {-26 * time.Second, promised25, bare, model.NodeStale, "no heartbeat for 26s by the node's clock, promised every 25s"},
		"much older":                  {-100 * time.Minute, promised25, leased, model.NodeStale, "no heartbeat for 1h40m0s by the node's clock, promised every 25s"},
		"hardly ahead":                {2 * time.Second, promised25, leased, model.NodeAlive, ""},
		"just ahead":                  {2100 * time.Millisecond, promised25, leased, model.NodeAlive, "its clock is 2.1s ahead"},
		"ahead":                       {3500 * time.Millisecond, promised25, leased, model.NodeAlive, "its clock is 3.5s ahead"},
		"foreign, fresh":              {0, foreign, leased, model.NodeAlive, ""},
		"foreign, as old as allowed":  {-25 * time.Second, foreign, bare, model.NodeAlive, ""},
		"foreign, old, with lease":    {-26 * time.Second, foreign, leased, model.NodeAlive, "its clock says that the heartbeat is 26s old; its lease is alive"},
		"foreign, a year old":         {-365 * 24 * time.Hour, foreign, leased, model.NodeAlive, "its clock says that the heartbeat is 8760h0m0s old; its lease is alive"},
		"foreign, old, without lease": {-26 * time.Second, foreign, bare, model.NodeStale, "no heartbeat for 26s by the node's clock, promised every 25s"},
		"foreign, a year ahead":       {365 * 24 * time.Hour, foreign, bare, model.NodeAlive, "its clock is 8760h0m0s ahead"},
	} {
		w := newWorld(t)
		w.PutHeartbeat("a", nil, Heartbeat{Value: []byte(w.alive(c.ahead, c.fields)), Leased: c.leased, Listed: true})
		n := w.row("a")
		if n.State != c.state || n.Reason != c.reason {
			t.Errorf("%s: %s, reason %q;\nwant %s, reason %q", name, n.State, n.Reason, c.state, c.reason)
		}
		if want := max(0, -c.ahead).Seconds(); n.Age == nil || *n.Age != want {
			t.Errorf("%s: age %v, want %v", name, n.Age, want)
		}
	}
}

func TestWhoStaysNeedsNobodysClock(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"right": 0, "behind": -time.Hour, "ahead": time.Hour} {
		w := newWorld(t)
		list := func() {
			w.PutHeartbeat("a", nil, Heartbeat{Value: []byte(w.alive(ahead, "")), Leased: true, Listed: true})
		}
		list()
		w.pass(25 * time.Second)
		if n := w.row("a"); n.State != model.NodeAlive {
			t.Errorf("clock %s: %s", name, n.State)
		}
		w.pass(time.Second) // its lease lives, and yet nothing comes
		w.want("a", model.NodeStale, "no heartbeat for 26s, promised every 25s")
		w.put("a", w.alive(ahead, ""))
		w.want("a", model.NodeAlive, "")
		w.wantAge("a", 0)
		w.pass(26 * time.Second)
		w.want("a", model.NodeStale, "no heartbeat for 26s, promised every 25s")
		list() // as after a cut connection
		if n := w.row("a"); n.State != model.NodeAlive {
			t.Errorf("clock %s, listed again: %s", name, n.State)
		}
	}
}

func TestAgeThatOneLookFoundGoesOnGrowing(t *testing.T) {
	w := newWorld(t)
	w.PutHeartbeat("a", nil, Heartbeat{Value: []byte(w.alive(-20*time.Second, promised25)), Leased: true, Listed: true})
	w.pass(5 * time.Second)
	w.want("a", model.NodeAlive, "")
	w.wantAge("a", 25*time.Second)
	w.pass(time.Second)
	w.want("a", model.NodeStale, "no heartbeat for 26s by the node's clock, promised every 25s")
}

func TestExpectedNodeThatOneLookDoesNotFindIsDead(t *testing.T) {
	w := newWorld(t)
	w.configure("by-config", `{}`, 5)
	w.Expect([]string{"by-target"})
	w.wantNames("by-config", "by-target")
	w.want("by-config", model.NodeDead, "no heartbeat")
	w.want("by-target", model.NodeDead, "no heartbeat")
}
