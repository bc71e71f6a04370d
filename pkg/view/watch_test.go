package view

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestNodeTurnsStaleByTheObserversOwnClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, ahead := range []time.Duration{0, -year, year} { // of the node's clock
		w := newWorld(t)
		w.put("a", w.alive(ahead, promised25))
		w.want("a", model.NodeAlive, "")
		w.wantAge("a", 0)
		w.pass(25 * time.Second)
		w.want("a", model.NodeAlive, "")
		w.wantAge("a", 25*time.Second)
		w.pass(1)
		w.want("a", model.NodeStale, "no heartbeat for 25s, promised every 25s")
		w.pass(2 * time.Hour)
		w.want("a", model.NodeStale, "no heartbeat for 2h0m0s, promised every 25s")
		w.put("a", w.alive(ahead, promised25))
		w.want("a", model.NodeAlive, "")
		w.wantAge("a", 0)
	}
}

func TestObserversClockThatGoesBackIsNotTheNodesFault(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	w.pass(-time.Hour)
	w.want("a", model.NodeAlive, "")
	w.wantAge("a", 0)
}

func TestSilenceIsWhatIsPromisedElseFollowsTheConfig(t *testing.T) {
	for name, c := range map[string]struct {
		fields, own, def string
		silence          time.Duration
	}{
		"own promise":               {`,"silence":7`, `{"interval":60}`, `{"interval":60}`, 7 * time.Second},
		"interval in the heartbeat": {`,"interval":4`, `{"interval":60}`, `{"interval":60}`, 10 * time.Second},
		"own config":                {"", `{"interval":2}`, `{"interval":60}`, 5 * time.Second},
		"default config":            {"", `{"ttl":9}`, `{"interval":4}`, 10 * time.Second},
		"built-in":                  {"", "", "", 25 * time.Second},
		"unusable own config":       {"", `{"interval":-2}`, `{"interval":4}`, 10 * time.Second},
		"unusable default config":   {"", "", `junk`, 25 * time.Second},
		"senseless promise":         {`,"silence":1e9,"interval":-1`, "", "", 25 * time.Second},
	} {
		w := newWorld(t)
		w.put("a", w.alive(0, c.fields))
		if c.own != "" {
			w.configure("a", c.own, 5)
		}
		if c.def != "" {
			w.configure(model.DefaultHost, c.def, 6)
		}
		w.pass(c.silence)
		if got := w.row("a").State; got != model.NodeAlive {
			t.Errorf("%s: %s after %v", name, got, c.silence)
		}
		w.pass(1)
		if got := w.row("a").State; got != model.NodeStale {
			t.Errorf("%s: %s after more than %v", name, got, c.silence)
		}
	}
}

func TestTimesInAReasonAreAsExactAsTheyAreShort(t *testing.T) {
	for passed, told := range map[time.Duration]string{
		2540 * time.Millisecond:                 "2.5s",
		9940 * time.Millisecond:                 "9.9s",
		10400 * time.Millisecond:                "10s",
		59*time.Minute + 50500*time.Millisecond: "59m51s",
		time.Hour + 29*time.Second:              "1h0m0s",
	} {
		w := newWorld(t)
		w.put("a", w.alive(0, `,"silence":2.5`))
		w.pass(passed)
		w.want("a", model.NodeStale, "no heartbeat for "+told+", promised every 2.5s")
	}
}

func TestChangedConfigJudgesAForeignNodeAtOnce(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, ""))
	w.pass(20 * time.Second)
	w.want("a", model.NodeAlive, "")
	w.configure("a", `{"interval":1}`, 5)
	w.want("a", model.NodeStale, "no heartbeat for 20s, promised every 2.5s")
	w.DeleteConfig("a", 6)
	w.want("a", model.NodeAlive, "")
	w.configure(model.DefaultHost, `{"interval":2}`, 7)
	w.want("a", model.NodeStale, "no heartbeat for 20s, promised every 5s")
	w.DeleteConfig(model.DefaultHost, 8)
	w.want("a", model.NodeAlive, "")
}

func TestNodeWithoutHeartbeatIsDeadOnlyIfExpected(t *testing.T) {
	for name, expect := range map[string]func(*world){
		"by a config key":                         func(w *world) { w.configure("a", `{}`, 5) },
		"by a config key with an unusable config": func(w *world) { w.configure("a", `junk`, 5) },
		"by the target":                           func(w *world) { w.Expect([]string{"a"}) },
		"by both":                                 func(w *world) { w.configure("a", `{}`, 5); w.Expect([]string{"a"}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			expect(w)
			w.want("a", model.NodeDead, "no heartbeat")
			if n := w.row("a"); n.Age != nil || n.LastHeartbeat != nil {
				t.Errorf("%+v has no age", n)
			}
			w.put("a", w.alive(0, promised25))
			w.want("a", model.NodeAlive, "")
			w.pass(3 * time.Second)
			w.DeleteHeartbeat("a")
			w.want("a", model.NodeDead, leaseEnded)
			w.pass(time.Minute)
			w.want("a", model.NodeDead, leaseEnded)
			w.wantAge("a", 63*time.Second)
			w.put("a", w.alive(0, promised25))
			w.want("a", model.NodeAlive, "")
			w.wantAge("a", 0)
		})
	}
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	w.put("b", w.alive(0, promised25))
	w.configure(model.DefaultHost, `{}`, 5) // names nobody
	w.DeleteHeartbeat("a")
	w.DeleteHeartbeat("never-seen")
	w.wantNames("b")
}

func TestStaleNodeIsDeadWhenItsLeaseEnds(t *testing.T) {
	w := newWorld(t)
	w.Expect([]string{"a"})
	w.put("a", w.alive(0, promised25))
	w.pass(26 * time.Second)
	w.want("a", model.NodeStale, "no heartbeat for 26s, promised every 25s")
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, leaseEnded)
}

func TestLeavingNodeIsLeftThenGoneOrStillExpected(t *testing.T) {
	w := newWorld(t)
	w.Expect([]string{"a"})
	for _, name := range []string{"a", "b"} {
		w.put(name, w.alive(0, promised25))
		w.put(name, w.beat(model.StatusLeaving, 0, promised25))
		w.want(name, model.NodeLeft, "leaving")
	}
	w.pass(time.Hour) // who left is not expected to send anything
	w.want("a", model.NodeLeft, "leaving")
	w.DeleteHeartbeat("a")
	w.DeleteHeartbeat("b")
	w.wantNames("a")
	w.want("a", model.NodeDead, "stopped in good order, and still expected")
	w.put("a", w.alive(0, promised25))
	w.want("a", model.NodeAlive, "")
	w.DeleteHeartbeat("a")
	w.want("a", model.NodeDead, leaseEnded)
}

func TestRowTellsAllThatTheHeartbeatTells(t *testing.T) {
	w := newWorld(t)
	w.configure("a", `{}`, 41)
	w.put("a", w.alive(500*time.Millisecond, promised25+`,"owner":"4c4c","boot":"b1","seq":7,"config_rev":42,"version":"v1",
		"config_error":"unknown metrics skipped: gpu","metrics":{"cpu":12.5},"errors":{"memory":"no such file"}`))
	w.pass(2 * time.Second)
	want := model.Node{
		Name: "a", State: model.NodeAlive, Reason: "unknown metrics skipped: gpu",
		Age: new(2.0), LastHeartbeat: new(epoch.UTC().Add(500 * time.Millisecond)),
		Owner: "4c4c", Version: "v1", Interval: 10, TTL: 5,
		ConfigRevision: 42, WantedRevision: 41, ConfigError: "unknown metrics skipped: gpu",
		Metrics: map[string]float64{"cpu": 12.5}, Errors: map[string]string{"memory": "no such file"},
	}
	if diff := cmp.Diff(want, w.row("a")); diff != "" {
		t.Errorf("alive (-want +got):\n%s", diff)
	}
	w.DeleteHeartbeat("a")
	want.State, want.Reason = model.NodeDead, leaseEnded
	want.Metrics, want.Errors = nil, nil // of a node that is dead they say nothing
	if diff := cmp.Diff(want, w.row("a")); diff != "" {
		t.Errorf("dead (-want +got):\n%s", diff)
	}
}
