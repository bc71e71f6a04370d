package aggregator

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// reducer turns the history of the heartbeats into the roster and the events.
// What it makes of a change follows from the roster and the change alone, but for
// the time of day; a change that the roster has counted already makes nothing.
type reducer struct {
	now    func() time.Time
	roster map[string]rosterEntry
	counts model.RosterCounts
}

// rosterEntry is a roster entry in memory.
type rosterEntry struct {
	*model.RosterEntry       // never changed, only replaced
	stored             int64 // mod revision of its key when last read or written
}

func newReducer(now func() time.Time) *reducer {
	return &reducer{now: now, roster: make(map[string]rosterEntry)}
}

// outcome is what follows from one change.
type outcome struct {
	host  string
	entry *model.RosterEntry
	// events has no numbers, terms and writers yet. It is empty where only the
	// entry changes.
	events []model.Event
}

// reduce takes the next change of a heartbeat key. It returns false where nothing
// follows from it.
func (r *reducer) reduce(c etcd.Change) (outcome, bool) {
	host, err := keys.HeartbeatHost(c.Key)
	if err != nil {
		return outcome{}, false // an ill-named key is no node
	}
	known := r.roster[host].RosterEntry
	if known != nil && c.Revision <= known.Revision {
		return outcome{}, false
	}
	return r.settle(host, known, c)
}

// settle is reduce for a host whose entry is known, counted or not.
func (r *reducer) settle(host string, known *model.RosterEntry, c etcd.Change) (outcome, bool) {
	next := r.entry(known, c.Revision)
	var events []model.Event
	note := func(t model.EventType, reason string) {
		events = append(events, model.Event{Type: t, Time: r.now(), Host: host, Revision: c.Revision, Reason: reason})
	}
	move := func(s model.NodeState, t model.EventType, why string) {
		next.State, next.Since, next.Why = s, r.now(), why
		note(t, why)
	}

	if c.KV == nil {
		if known == nil || known.State != model.NodeAlive {
			return outcome{}, false
		}
		move(model.NodeDead, model.EventDied, "its lease ended")
		return r.adopt(host, next, events), true
	}
	hb, err := model.DecodeHeartbeat(c.KV.Value)
	if err != nil {
		return outcome{}, false // what is no heartbeat says nothing of the node
	}
	if hb.Status == model.StatusLeaving {
		if known == nil || known.State == model.NodeLeft {
			return outcome{}, false
		}
		move(model.NodeLeft, model.EventLeft, "stopped in good order")
		return r.adopt(host, next, events), true
	}
	if known != nil && known.State == model.NodeAlive && known.ConfigRev == hb.ConfigRev && known.ConfigError == hb.ConfigError {
		return outcome{}, false // the common case
	}
	switch {
	case known == nil:
		move(model.NodeAlive, model.EventJoined, "")
	case known.State != model.NodeAlive:
		move(model.NodeAlive, model.EventReturned, "")
	}
	next.ConfigRev, next.ConfigError = hb.ConfigRev, hb.ConfigError
	if t, ok := configEvent(known, hb); ok {
		note(t, hb.ConfigError)
		events[len(events)-1].Config = hb.ConfigRev
	}
	return r.adopt(host, next, events), true
}

// configEvent says what a heartbeat tells of a config since the one before. Of an
// agent that is new nothing is said: it starts with the config that is there.
func configEvent(known *model.RosterEntry, hb *model.Heartbeat) (model.EventType, bool) {
	switch {
	case known == nil:
		return "", false
	case hb.ConfigRev > known.ConfigRev:
		return model.EventApplied, true
	case hb.ConfigRev == known.ConfigRev && hb.ConfigError != "" && hb.ConfigError != known.ConfigError:
		return model.EventRejected, true
	}
	return "", false
}

// entry is what a new entry begins with.
func (r *reducer) entry(known *model.RosterEntry, revision int64) *model.RosterEntry {
	if known == nil {
		return &model.RosterEntry{First: r.now(), Revision: revision}
	}
	next := *known
	next.Revision = revision
	return &next
}

func (r *reducer) adopt(host string, next *model.RosterEntry, events []model.Event) outcome {
	r.put(host, rosterEntry{next, r.roster[host].stored})
	return outcome{host: host, entry: next, events: events}
}

// put replaces an entry of the roster.
func (r *reducer) put(host string, e rosterEntry) {
	if old := r.roster[host]; old.RosterEntry != nil {
		r.counts.Add(old.State, -1)
	}
	r.counts.Add(e.State, 1)
	r.roster[host] = e
}

// stored notes at which revision an entry was written.
func (r *reducer) stored(host string, revision int64) {
	if e, ok := r.roster[host]; ok {
		e.stored = revision
		r.roster[host] = e
	}
}

// forget drops a host whose roster key was deleted at a revision; not one whose
// key was written again since.
func (r *reducer) forget(host string, revision int64) {
	e, ok := r.roster[host]
	if !ok || revision < e.stored {
		return
	}
	r.counts.Add(e.State, -1)
	delete(r.roster, host)
}
