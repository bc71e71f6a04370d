package aggregator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// history makes changes of heartbeat keys, a revision each.
type history struct{ revision int64 }

func (h *history) put(host, value string) etcd.Change {
	h.revision++
	key := keys.Heartbeat(host)
	return etcd.Change{Key: key, KV: &mvccpb.KeyValue{Key: []byte(key), Value: []byte(value), ModRevision: h.revision}, Revision: h.revision}
}

func (h *history) alive(host string) etcd.Change {
	return h.put(host, `{"status":"alive","ts":1763690000}`)
}

func (h *history) leaving(host string) etcd.Change {
	return h.put(host, `{"status":"leaving","ts":1763690000}`)
}

func (h *history) config(host string, revision int64, problem string) etcd.Change {
	return h.put(host, fmt.Sprintf(`{"status":"alive","ts":1763690000,"config_rev":%d,"config_error":%q}`, revision, problem))
}

func (h *history) remove(host string) etcd.Change {
	h.revision++
	return etcd.Change{Key: keys.Heartbeat(host), Revision: h.revision}
}

// words tells what follows from changes: "died a" for an event, "a" for an entry
// that changes without one.
func words(r *reducer, changes ...etcd.Change) []string {
	var told []string
	for _, c := range changes {
		o, ok := r.reduce(c)
		if ok && len(o.events) == 0 {
			told = append(told, o.host)
		}
		for _, e := range o.events {
			told = append(told, string(e.Type)+" "+e.Host)
		}
	}
	return told
}

func TestEveryTurnOfANodeMakesItsEvent(t *testing.T) {
	for name, test := range map[string]struct {
		history func(*history) []etcd.Change
		want    string
	}{
		"joins, and goes on": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("a"), h.alive("a"), h.alive("a")}
		}, "joined a"},
		"dies once": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("a"), h.remove("a"), h.remove("a")}
		}, "joined a, died a"},
		"dies and returns": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("a"), h.remove("a"), h.alive("a"), h.alive("a")}
		}, "joined a, died a, returned a"},
		"leaves in good order": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("a"), h.leaving("a"), h.remove("a")}
		}, "joined a, left a"},
		"leaves and returns": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("a"), h.leaving("a"), h.leaving("a"), h.remove("a"), h.alive("a"), h.remove("a")}
		}, "joined a, left a, returned a, died a"},
		"left, and was never known": {func(h *history) []etcd.Change {
			return []etcd.Change{h.leaving("a"), h.remove("a")}
		}, ""},
		"what is no heartbeat says nothing": {func(h *history) []etcd.Change {
			return []etcd.Change{h.put("b", "{"), h.alive("a"), h.put("a", "garbage"), h.remove("a"), h.put("a", "")}
		}, "joined a, died a"},
		"an ill-named key is no node": {func(h *history) []etcd.Change {
			return []etcd.Change{h.alive("A"), h.alive("a/b"), h.alive("\x1b[2J"), h.remove("A")}
		}, ""},
		"a new node starts with the config that is there": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 7, "")}
		}, "joined a"},
		"a config is applied": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 7, ""), h.config("a", 9, ""), h.config("a", 9, "")}
		}, "joined a, applied a"},
		"a config is rejected once": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 7, ""), h.config("a", 7, "bad"), h.config("a", 7, "bad"), h.config("a", 7, "worse")}
		}, "joined a, rejected a, rejected a"},
		"a complaint that ends is noted": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 7, "bad"), h.config("a", 7, ""), h.config("a", 7, "bad")}
		}, "joined a, a, rejected a"},
		"an agent that starts anew knows of no deletions": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 9, ""), h.config("a", 7, ""), h.config("a", 9, "")}
		}, "joined a, a, applied a"},
		"a config pushed to a dead node": {func(h *history) []etcd.Change {
			return []etcd.Change{h.config("a", 7, ""), h.remove("a"), h.config("a", 9, "")}
		}, "joined a, died a, returned a, applied a"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReducer(time.Now)
			if got := strings.Join(words(r, test.history(new(history))...), ", "); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// A leader that goes on from a cursor sees changes again that are counted.
func TestChangesAreCountedOnceHoweverOftenTheyAreSeen(t *testing.T) {
	h := new(history)
	changes := []etcd.Change{
		h.alive("a"), h.alive("b"), h.remove("a"), h.alive("a"), h.config("b", 3, ""), h.leaving("b"), h.remove("b"), h.config("a", 4, "bad"), h.remove("a"),
	}
	once := newReducer(time.Now)
	want := words(once, changes...)
	for again := range changes {
		r := newReducer(time.Now)
		got := words(r, changes...)
		got = append(got, words(r, changes[again:]...)...)
		if !slices.Equal(got, want) {
			t.Errorf("seen again from %d on: %q, want %q", again, got, want)
		}
	}
}

func TestCountsAreThoseOfTheRoster(t *testing.T) {
	h, r := new(history), newReducer(time.Now)
	words(r, h.alive("a"), h.alive("b"), h.alive("c"), h.alive("d"), h.remove("a"), h.leaving("b"), h.alive("a"), h.remove("c"))
	want := model.RosterCounts{Total: 4, Alive: 2, Dead: 1, Left: 1}
	if r.counts != want {
		t.Errorf("%+v, want %+v", r.counts, want)
	}
	r.forget("c", h.revision)
	if want = (model.RosterCounts{Total: 3, Alive: 2, Left: 1}); r.counts != want {
		t.Errorf("after one is forgotten %+v, want %+v", r.counts, want)
	}
}

func TestANodeWrittenAgainIsNotForgotten(t *testing.T) {
	h, r := new(history), newReducer(time.Now)
	words(r, h.alive("a"))
	r.stored("a", 10)
	r.forget("a", 9)
	if r.counts.Total != 1 {
		t.Error("the deletion of a key that was written again since counted")
	}
}

func TestWithoutTheHistoryTheDifferenceIsTold(t *testing.T) {
	h, r := new(history), newReducer(time.Now)
	words(r, h.alive("stays"), h.alive("dies"), h.alive("leaves"), h.alive("was-dead"), h.remove("was-dead"), h.alive("garbage"))
	lost := []etcd.Change{h.remove("dies"), h.leaving("leaves"), h.alive("was-dead"), h.alive("new"), h.put("garbage", "{")}
	present := []*mvccpb.KeyValue{h.alive("stays").KV}
	for _, c := range lost[1:] {
		present = append(present, c.KV)
	}
	var got []string
	for _, o := range r.reconcile(present, h.revision) {
		for _, e := range o.events {
			got = append(got, string(e.Type)+" "+e.Host)
		}
	}
	want := []string{"died dies", "left leaves", "joined new", "returned was-dead"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if again := r.reconcile(present, h.revision); len(again) != 0 {
		t.Errorf("a second time: %v", again)
	}
}

// A page holds what fits into one txn, and its cursor never passes what is not
// written yet.
func TestPagesCoverTheBacklogInOrder(t *testing.T) {
	r := newReducer(time.Now)
	b := newBacklog(0, r.counts)
	h := new(history)
	for i := range 500 {
		c := h.alive(fmt.Sprintf("n%d", i))
		if i%7 > 3 { // several changes in one txn of another client
			h.revision--
			c.Revision = h.revision
		}
		o, _ := r.reduce(c)
		b.add(c.Revision, r.counts, step{o, c.Revision - 1, r.counts})
	}
	var events, total int
	var cursor, newest int64
	for b.len() > 0 {
		p := b.take()
		if n := len(p.events) + len(p.roster) + 2; n > maxPageOps {
			t.Errorf("a page of %d operations", n)
		}
		if p.cursor < cursor {
			t.Errorf("cursor %d after %d", p.cursor, cursor)
		}
		cursor = p.cursor
		for _, e := range p.events {
			if e.Revision < newest {
				t.Errorf("event of revision %d after %d", e.Revision, newest)
			}
			newest = e.Revision
			events++
		}
		if b.len() > 0 && cursor >= b.steps[0].events[0].Revision {
			t.Errorf("cursor %d, and revision %d is not written", cursor, b.steps[0].events[0].Revision)
		}
		total = p.counts.Total
		if total != events {
			t.Errorf("counts of %d nodes after %d joined", total, events)
		}
	}
	if events != 500 || cursor != h.revision {
		t.Errorf("%d events up to %d, want 500 up to %d", events, cursor, h.revision)
	}
}

func BenchmarkReduce(b *testing.B) {
	h, r := new(history), newReducer(time.Now)
	value := `{"status":"alive","ts":1763690000.123,"host":"node-0001","owner":"0123456789abcdef","boot":"ABCDEFGHIJKLMNOPQRSTUVWXYZ","seq":123456,"interval":5,"silence":12.5,"ttl":5,"config_rev":7,"version":"v1.0.0","metrics":{"cpu":12.5,"memory":40.2,"disk read":1024,"disk write":2048,"net in":4096,"net out":8192}}`
	changes := make([]etcd.Change, 10_000)
	for i := range changes {
		changes[i] = h.put(fmt.Sprintf("node-%04d", i), value)
	}
	b.ReportAllocs()
	for i := range b.N {
		c := changes[i%len(changes)]
		c.Revision = int64(i) + h.revision
		r.reduce(c)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "heartbeats/s")
}
