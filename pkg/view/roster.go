package view

import (
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
func (n *node) absent(at *moment) (model.NodeState, string) {
	r := n.roster
	if r != nil && r.RosterEntry == nil {
		return model.NodeDead, "no heartbeat, and its roster entry cannot be read: " + r.err.Error()
	}
	leaving := n.last != nil && n.last.Status == model.StatusLeaving
	switch {
	case r != nil && (r.State == model.NodeLeft || leaving):
		return model.NodeLeft, "left in good order"
	case leaving:
		return model.NodeDead, "stopped in good order, and still expected"
	case n.last != nil:
		return model.NodeDead, "its lease ended"
	case r != nil && r.State == model.NodeDead && r.Why != "":
		return model.NodeDead, r.Why
	case r == nil && at.rostered:
		return model.NodeDead, "never seen"
	}
	return model.NodeDead, "no heartbeat"
}

// tell adds to a row what the roster knows.
func (r *roster) tell(row *model.Node) {
	if r == nil || r.RosterEntry == nil {
		return
	}
	first := r.First.UTC()
	row.FirstSeen = &first
	// A state that only an observer can tell, or that the roster does not know of
	// yet, has begun at a time that the roster does not know.
	if r.State == row.State {
		since := r.Since.UTC()
		row.Since = &since
	}
}
