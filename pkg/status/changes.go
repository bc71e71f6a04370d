package status

import "github.com/kubectl-monitor/kubectl-monitor/pkg/model"

// maxChanges bounds what is kept for a reader that does not read.
const maxChanges = 100_000

// changeLog remembers the rows that have changed since they were last taken.
type changeLog struct {
	states map[string]model.NodeState // that were noted last
	rows   []model.Node
}

func newChangeLog() *changeLog { return &changeLog{states: make(map[string]model.NodeState)} }

// TakeChanges returns the rows that have changed since it was called last, in
// order, one for every change. A reader that falls 100,000 changes behind gets
// every node's present row instead.
func (l *Live) TakeChanges() []model.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.log.rows
	l.log.rows = nil
	return taken
}

// TakeAll returns every node's row as of now; TakeChanges goes on from there.
func (l *Live) TakeAll() []model.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log.rows = nil
	return l.rows()
}

// age notes the nodes whose state has changed by the passing of time alone.
func (l *Live) age() {
	l.mu.Lock()
	defer l.mu.Unlock()
	turned := l.known(l.view.Turned(l.log.states))
	for _, n := range turned {
		l.noteRow(n)
	}
	if len(turned) > 0 {
		l.changed()
	}
}

// note logs a change of a node; of the config of every host, one of every node.
func (l *Live) note(name string) {
	switch {
	case l.log == nil:
		return
	case name == model.DefaultHost:
		l.noteAll()
		return
	}
	row, ok := l.Node(name)
	if !ok {
		// Nothing speaks for the node any more: its last row says so.
		row = model.Node{Name: name, State: model.NodeLeft, Reason: "forgotten: no heartbeat, and nothing names it"}
	}
	l.noteRow(row)
	if !ok {
		delete(l.log.states, name)
	}
}

func (l *Live) noteAll() {
	if l.log == nil {
		return
	}
	for _, n := range l.rows() {
		l.noteRow(n)
	}
}

func (l *Live) noteRow(row model.Node) {
	l.log.states[row.Name] = row.State
	if len(l.log.rows) >= maxChanges {
		l.log.rows = l.rows()
		return
	}
	l.log.rows = append(l.log.rows, row)
}
