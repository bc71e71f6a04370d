package view

import (
	"sync"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// View is the global view of the nodes. It is safe for concurrent use: one
// feeds it, many read.
type View struct {
	now func() time.Time

	mu    sync.RWMutex
	nodes map[string]*node
	def   config        // the config of every host
	lost  *outage       // nil while the store can be read
	away  time.Duration // the outages that are over, added up
	limit limit

	remembered int // nodes that are in the roster
}

// New makes an empty view. now is its clock; ages come from its monotonic part.
func New(now func() time.Time) *View {
	return &View{now: now, nodes: make(map[string]*node)}
}

// Heartbeat is what a heartbeat key holds.
type Heartbeat struct {
	Value    []byte
	Revision int64 // mod revision
	Leased   bool  // the key ends with a lease
	// Listed tells that the value was found in a list and may be old; else it was
	// put just now.
	Listed bool
}

// PutHeartbeat tells what the heartbeat key of name holds. badName is why name
// is not a host's name, or nil.
func (v *View) PutHeartbeat(name string, badName error, hb Heartbeat) {
	decoded, err := model.DecodeHeartbeat(hb.Value)
	v.mu.Lock()
	defer v.mu.Unlock()
	n := v.node(name)
	n.badName = badName
	now := v.now()
	n.heartbeat = &heartbeat{
		Heartbeat: decoded,
		err:       err,
		revision:  hb.Revision,
		leased:    hb.Leased,
		seen:      now,
		heard:     v.heard(now),
		live:      !hb.Listed,
	}
}

// DeleteHeartbeat tells that the heartbeat key of name is gone.
func (v *View) DeleteHeartbeat(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, ok := v.nodes[name]
	if !ok {
		return
	}
	if hb := n.heartbeat; hb != nil && hb.Heartbeat != nil {
		n.last = hb
	}
	n.heartbeat = nil
	v.drop(name, n)
}

// PutConfig tells what the config key of name holds, at which mod revision.
// model.DefaultHost names the config of every host.
func (v *View) PutConfig(name string, badName error, value []byte, revision int64) {
	decoded, _ := model.DecodeConfig(value) // of one that is unusable, the agents tell
	c := config{Config: decoded, revision: revision, exists: true}
	v.mu.Lock()
	defer v.mu.Unlock()
	if name == model.DefaultHost {
		v.def = c
		return
	}
	n := v.node(name)
	n.badName = badName
	n.config = c
}

// DeleteConfig tells that the config key of name was deleted at revision.
func (v *View) DeleteConfig(name string, revision int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := config{revision: revision}
	if name == model.DefaultHost {
		v.def = c
		return
	}
	if n, ok := v.nodes[name]; ok {
		n.config = c
		v.drop(name, n)
	}
}

// Expect names the nodes that should be there, whatever the store holds.
func (v *View) Expect(names []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range v.nodes {
		n.expected = false
	}
	for _, name := range names {
		n := v.node(name)
		n.expected = true
		n.badName = model.CheckHost(name)
	}
	for name, n := range v.nodes {
		v.drop(name, n)
	}
}

// limit is every host that there is; nil where nothing tells.
type limit map[string]struct{}

func (l limit) leavesOut(name string) bool {
	_, ok := l[name]
	return l != nil && !ok
}

// Limit names every host that there is, expected or not. One of the roster that is
// not among them, and has no heartbeat, has left; one that is, and is expected, has
// not, even if its agent stopped in good order.
func (v *View) Limit(names []string) {
	l := make(limit, len(names))
	for _, name := range names {
		l[name] = struct{}{}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.limit = l
}

func (v *View) node(name string) *node {
	n, ok := v.nodes[name]
	if !ok {
		n = new(node)
		v.nodes[name] = n
	}
	return n
}

// drop forgets a node that nothing speaks for any more.
func (v *View) drop(name string, n *node) {
	if n.heartbeat == nil && n.roster == nil && !n.config.exists && !n.expected {
		delete(v.nodes, name)
	}
}
