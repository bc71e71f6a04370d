package status

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/view"
)

const (
	// pollMembers is how often the members are asked how they are.
	pollMembers = time.Second
	// pollFresh is how often it is looked for nodes that have become stale.
	pollFresh = 500 * time.Millisecond
	// maxChanges bounds what is kept for a reader that does not read.
	maxChanges = 100_000
)

// Live keeps what a source shows in step with the cluster: the nodes by watches
// of their keys, the members by asking them every second. While the store is away
// it goes on showing what it knew last, as Unknown, and goes on by itself when it
// is back. It is safe for concurrent use.
type Live struct {
	source *Source
	view   *view.View
	wake   chan struct{}
	// read tells that the keys have been read once: before, nothing is known that
	// could be the last known state.
	read atomic.Bool

	mu      sync.Mutex
	report  *members.Report // nil before the first answer
	listed  bool            // the keys have been read, or found to be unreadable
	lost    error           // why the keys cannot be read
	states  map[string]model.NodeState
	changes []model.Node
}

// NewLive makes a Live of a source; Run starts it.
func NewLive(s *Source) *Live {
	l := &Live{source: s, view: view.New(s.Now), wake: make(chan struct{}, 1), states: make(map[string]model.NodeState)}
	l.view.Expect(s.Hosts)
	return l
}

// Run follows the cluster until ctx ends, and returns ctx's error then.
func (l *Live) Run(ctx context.Context) error {
	client, err := etcd.New(l.source.Etcd)
	if err != nil {
		return err
	}
	defer client.Close()
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error {
		return client.Follow(ctx, []etcd.Range{
			{Key: keys.HeartbeatPrefix, Prefix: true},
			{Key: keys.ConfigPrefix, Prefix: true},
		}, etcd.Follower{Update: l.update, Lost: l.lose})
	})
	actors.Go(func() error { return every(ctx, pollMembers, l.ask) })
	actors.Go(func() error { return every(ctx, pollFresh, func(context.Context) { l.age() }) })
	return actors.Wait()
}

// every calls f at once and then once per interval, until ctx ends.
func every(ctx context.Context, interval time.Duration, f func(context.Context)) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		f(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Changed delivers when something has changed since it last delivered.
func (l *Live) Changed() <-chan struct{} { return l.wake }

// Ready reports whether members and nodes have been looked at once.
func (l *Live) Ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.report != nil && l.listed
}

// TakeChanges returns the rows that have changed since it was called last, in
// order, one for every change. A reader that falls 100,000 changes behind gets
// every node's present row instead.
func (l *Live) TakeChanges() []model.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.changes
	l.changes = nil
	return taken
}

// rows are the nodes as of now.
func (l *Live) rows() []model.Node {
	nodes := l.view.Nodes()
	if !l.read.Load() {
		for i := range nodes {
			nodes[i].LastState = ""
		}
	}
	return nodes
}

// TakeAll returns every node's row as of now; TakeChanges goes on from there.
func (l *Live) TakeAll() []model.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = nil
	return l.rows()
}

// Status is the state of all as of now.
func (l *Live) Status() *model.Status {
	report, lost := l.snapshot()
	return l.source.status(report, l.rows(), lost)
}

// Nodes is the state of the nodes as of now.
func (l *Live) Nodes() *model.NodeList { return l.source.nodeList(l.rows()) }

// ListOf is a list of just these nodes.
func (l *Live) ListOf(nodes []model.Node) *model.NodeList { return l.source.nodeList(nodes) }

// Members is the state of the members as of the last second.
func (l *Live) Members() *model.MemberList {
	report, _ := l.snapshot()
	return l.source.memberList(report)
}

// Leader is who leads as of the last second.
func (l *Live) Leader() *model.Leader {
	report, _ := l.snapshot()
	return l.source.leader(report)
}

func (l *Live) snapshot() (*members.Report, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.report == nil {
		return new(members.Report), l.lost
	}
	return l.report, l.lost
}

func (l *Live) ask(ctx context.Context) {
	report := members.Look(ctx, l.source.Pool, l.source.Members, l.source.Dial)
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	l.report = report
	l.mu.Unlock()
	l.changed()
}

func (l *Live) update(u etcd.Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		l.lost = nil
		l.view.Found()
		l.noteAll()
	}
	l.listed = true
	l.read.Store(true)
	for _, c := range u.Changes {
		name := feed(l.view, c, u.Listed || u.Replayed)
		if name == model.DefaultHost {
			l.noteAll()
		} else {
			l.note(name)
		}
	}
	l.changed()
}

func (l *Live) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listed = true
	first := l.lost == nil
	l.lost = err
	l.view.Lost(etcd.Reason(err))
	if first {
		l.noteAll()
	}
	l.changed()
}

// age notes the nodes whose state has changed by the passing of time alone.
func (l *Live) age() {
	l.mu.Lock()
	defer l.mu.Unlock()
	some := false
	for _, n := range l.rows() {
		if l.states[n.Name] != n.State {
			l.noteRow(n)
			some = true
		}
	}
	if some {
		l.changed()
	}
}

func (l *Live) note(name string) {
	row, ok := l.view.Node(name)
	if !ok {
		// Nothing speaks for the node any more: its last row says so.
		row = model.Node{Name: name, State: model.NodeLeft, Reason: "forgotten: no heartbeat, and nothing names it"}
	}
	l.noteRow(row)
	if !ok {
		delete(l.states, name)
	}
}

func (l *Live) noteAll() {
	for _, n := range l.rows() {
		l.noteRow(n)
	}
}

func (l *Live) noteRow(row model.Node) {
	l.states[row.Name] = row.State
	if len(l.changes) >= maxChanges {
		l.changes = l.rows()
		return
	}
	l.changes = append(l.changes, row)
}

func (l *Live) changed() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
