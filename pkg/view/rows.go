package view

import (
	"cmp"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Nodes returns every node that has a heartbeat or is expected, sorted by name.
// The slice is the caller's own; the maps in it are shared, and not to be changed.
func (v *View) Nodes() []model.Node {
	known, at := v.snapshot()
	order := make([]*named, len(known)) // rows are too large to be moved about
	for i := range known {
		order[i] = &known[i]
	}
	slices.SortFunc(order, func(a, b *named) int { return cmp.Compare(a.name, b.name) })
	rows := make([]model.Node, len(known))
	for i, n := range order {
		rows[i] = n.row(n.name, &at)
	}
	return rows
}

// Turned returns the rows, sorted by name, of the nodes whose state is not the one
// in since: what the passing of time has changed, without a row for every node.
func (v *View) Turned(since map[string]model.NodeState) []model.Node {
	v.mu.RLock()
	defer v.mu.RUnlock()
	at := v.moment()
	var rows []model.Node
	for name, n := range v.nodes {
		state, _ := n.state(name, &at)
		if at.lost != nil {
			state = model.NodeUnknown
		}
		if since[name] != state {
			rows = append(rows, n.row(name, &at))
		}
	}
	slices.SortFunc(rows, func(a, b model.Node) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// named is a node with its name.
type named struct {
	name string
	node
}

// snapshot copies what is known, so that whoever feeds the view waits for no row
// to be made. What nodes point to is never changed, only replaced.
func (v *View) snapshot() ([]named, moment) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	known := make([]named, 0, len(v.nodes))
	for name, n := range v.nodes {
		known = append(known, named{name, *n})
	}
	return known, v.moment()
}

// Node returns one node's row, as Nodes would, and false if there is none.
func (v *View) Node(name string) (model.Node, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n, ok := v.nodes[name]
	if !ok {
		return model.Node{}, false
	}
	at := v.moment()
	return n.row(name, &at), true
}

// moment is what the rows of one reading have in common.
type moment struct {
	now   time.Time
	heard time.Time // now by the clock of View.heard
	def   config
	lost  *outage
	// rostered tells that there is a roster at all.
	rostered bool
	limit    limit
}

func (v *View) moment() moment {
	now := v.now()
	return moment{now: now, heard: v.heard(now), def: v.def, lost: v.lost, rostered: v.remembered > 0, limit: v.limit}
}
