package aggregator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// tape is a history made by hand.
type tape struct {
	commits [][]etcd.Change
	token   int64
	seq     int64
}

func (h *tape) revision() int64 { return int64(len(h.commits)) + 1 }

func (h *tape) commit(changes ...etcd.Change) {
	for i := range changes {
		changes[i].Revision = h.revision()
		if kv := changes[i].KV; kv != nil {
			kv.ModRevision, kv.Version = h.revision(), max(kv.Version, 1)
			if kv.CreateRevision == 0 {
				kv.CreateRevision = h.revision()
			}
		}
	}
	h.commits = append(h.commits, changes)
}

func putOf(key string, value any) etcd.Change {
	data, ok := value.(string)
	if !ok {
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		data = string(encoded)
	}
	return etcd.Change{Key: key, KV: &mvccpb.KeyValue{Key: []byte(key), Value: []byte(data)}}
}

func (h *tape) elect(name string) {
	h.token = h.revision()
	h.commit(putOf(keys.Candidates(keys.AggregatorElection)+name, model.Aggregator{Name: name, Instance: name}))
}

func (h *tape) depose(name string) {
	h.commit(etcd.Change{Key: keys.Candidates(keys.AggregatorElection) + name})
}

func (h *tape) alive(host string) int64 {
	h.commit(putOf(keys.Heartbeat(host), heartbeat("alive", 1, "")))
	return h.revision() - 1
}

func (h *tape) gone(host string) int64 {
	h.commit(etcd.Change{Key: keys.Heartbeat(host)})
	return h.revision() - 1
}

// write is a leader's txn.
func (h *tape) write(token, cursor int64, events ...model.Event) {
	var changes []etcd.Change
	for _, e := range events {
		h.seq++
		e.Seq = h.seq
		changes = append(changes, putOf(keys.Event(e.Seq), e))
		if e.Host != "" {
			state := map[model.EventType]model.NodeState{model.EventDied: model.NodeDead, model.EventLeft: model.NodeLeft}[e.Type]
			if state == "" {
				state = model.NodeAlive
			}
			changes = append(changes, putOf(keys.Roster(e.Host), model.RosterEntry{State: state, ConfigRev: 1}))
		}
	}
	h.commit(append(changes, putOf(keys.Summary(), model.Summary{Token: token, Cursor: cursor, Seq: h.seq, Counts: model.RosterCounts{Total: 1, Dead: 1}}))...)
}

func of(kind model.EventType, host string, revision int64) model.Event {
	return model.Event{Type: kind, Host: host, Revision: revision}
}

func lead(term int64) model.Event { return model.Event{Type: model.EventLeader, Term: term} }

// A checker that finds nothing proves nothing.
func TestTheCheckerFindsWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		play func(*tape)
		want string // of the first problem; empty for none
	}{
		"nothing": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a := h.alive("a")
			h.write(h.token, a, of(model.EventJoined, "a", a))
			d := h.gone("a")
			h.write(h.token, d, of(model.EventDied, "a", d))
		}, ""},
		"a deposed leader writes": {func(h *tape) {
			h.elect("one")
			old := h.token
			h.write(old, 1, lead(1))
			h.elect("two")
			h.depose("one")
			a := h.alive("a")
			h.write(old, a, of(model.EventJoined, "a", a))
		}, "written with token 1"},
		"a lost event": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a := h.alive("a")
			h.gone("a")
			h.write(h.token, h.revision()-1, of(model.EventJoined, "a", a))
		}, "these are missing: [died a"},
		"a doubled event": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a := h.alive("a")
			h.write(h.token, a, of(model.EventJoined, "a", a), of(model.EventJoined, "a", a))
		}, "follows from nothing"},
		"events out of order": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a, b := h.alive("a"), h.alive("b")
			h.write(h.token, b, of(model.EventJoined, "b", b), of(model.EventJoined, "a", a))
		}, "expected joined a"},
		"a hole in the numbers": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			h.seq++
			h.write(h.token, 2, of(model.EventJoined, "a", h.alive("a")))
		}, "event 3 follows event 1"},
		"an event that is written over": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			last := h.commits[len(h.commits)-1]
			last[0].KV.Version = 2
		}, "is written again"},
		"a cursor that goes back": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 5, lead(1))
			h.write(h.token, 4)
		}, "cursor 4 after 5"},
		"a roster without a summary": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			h.commit(putOf(keys.Roster("a"), model.RosterEntry{State: model.NodeAlive}))
		}, "without a summary"},
		"a term that is left out": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(2))
		}, "term 2 follows term 0"},
		"a gap tells the difference": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a := h.alive("a")
			h.write(h.token, a, of(model.EventJoined, "a", a))
			h.gone("a")
			h.alive("a")
			to := h.gone("a")
			h.write(h.token, to, model.Event{Type: model.EventGap, From: a, To: to}, of(model.EventDied, "a", to))
		}, ""},
		"a gap that leaves something out": {func(h *tape) {
			h.elect("one")
			h.write(h.token, 1, lead(1))
			a := h.alive("a")
			h.write(h.token, a, of(model.EventJoined, "a", a))
			to := h.gone("a")
			h.write(h.token, to, model.Event{Type: model.EventGap, From: a, To: to})
		}, "these are missing: [died a"},
	} {
		t.Run(name, func(t *testing.T) {
			h := new(tape)
			test.play(h)
			v := verify(h.commits)
			if test.want == "" {
				v.settled()
			}
			got := strings.Join(v.problems, "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("problems:\n%s\nwant %q", got, test.want)
			}
		})
	}
}

// What the roster and the summary say in the end is checked, too.
func TestTheCheckerComparesTheEnd(t *testing.T) {
	h := new(tape)
	h.elect("one")
	h.write(h.token, 1, lead(1))
	a := h.alive("a")
	h.write(h.token, a, of(model.EventJoined, "a", a))
	h.commits[len(h.commits)-1][1] = putOf(keys.Roster("a"), model.RosterEntry{State: model.NodeLeft})
	v := verify(h.commits)
	v.settled()
	if len(v.problems) != 2 {
		t.Errorf("a wrong state and wrong counts: %v", v.problems)
	}
}
