package view

import (
	"cmp"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// roster is what an aggregator remembers of a node.
type roster struct {
	*model.RosterEntry       // nil if what is stored is none
	err                error // why
}

// PutRoster tells what the roster key of name holds: a host that is in the roster
// is expected.
func (v *View) PutRoster(name string, badName error, value []byte) {
	entry, err := model.DecodeRosterEntry(value)
	v.mu.Lock()
	defer v.mu.Unlock()
	n := v.node(name)
	n.badName = badName
	if n.roster == nil {
		v.remembered++
	}
	n.roster = &roster{entry, err}
}

// DeleteRoster tells that the roster key of name is gone.
func (v *View) DeleteRoster(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if n, ok := v.nodes[name]; ok && n.roster != nil {
		v.remembered--
		n.roster = nil
		v.drop(name, n)
	}
}

// absent decides on the state of a node that has no heartbeat.
func (n *node) absent(name string, at *moment) (model.NodeState, string) {
	r := n.roster
	if r != nil && r.RosterEntry == nil {
		return model.NodeDead, "no heartbeat, and its roster entry cannot be read: " + r.err.Error()
	}
	leaving := n.last != nil && n.last.Status == model.StatusLeaving
	left := r != nil && (r.State == model.NodeLeft && !n.outdated() || leaving)
	switch {
	case left && at.limit != nil && n.expected, leaving && r == nil:
		return model.NodeDead, "stopped in good order, and still expected"
	case left:
		return model.NodeLeft, "left in good order"
	case r != nil && at.limit.leavesOut(name):
		return model.NodeLeft, "Kubernetes no longer has the node"
	case n.last != nil:
		return model.NodeDead, "its lease ended"
	case r != nil && r.State == model.NodeDead:
		return model.NodeDead, cmp.Or(r.Why, "its lease ended")
	case r == nil && at.rostered:
		return model.NodeDead, "never seen"
	}
	return model.NodeDead, "no heartbeat"
}

// outdated reports whether the heartbeat that ended last is newer than the roster
// entry: while no aggregator leads, a node can return and die unrecorded.
func (n *node) outdated() bool { return n.last != nil && n.last.revision > n.roster.Revision }

// remember adds to a row what the roster knows.
func (n *node) remember(row *model.Node) {
	r := n.roster
	if r == nil || r.RosterEntry == nil {
		return
	}
	row.FirstSeen = given(r.First)
	// A state that only an observer can tell, or that the roster does not know of
	// yet, has begun at a time that the roster does not know.
	if r.State == row.State && !n.outdated() {
		row.Since = given(r.Since)
	}
}

// given is a time in UTC, or nil if the roster entry does not have it.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}
