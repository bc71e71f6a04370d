package status

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
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
)

// Live keeps what a source shows in step with the cluster: the nodes and the
// aggregators' leader by watches of their keys, the members by asking them every
// second. While the store is away it goes on showing what it knew last, as
// Unknown, and goes on by itself when it is back. It is safe for concurrent use.
type Live struct {
	source *Source
	view   *view.View
	log    *changeLog // nil where nobody reads the changes
	wake   chan struct{}
	told   func(etcd.Update) // nil where nobody wants to know
	// read tells that the keys have been read once: before, nothing is known that
	// could be the last known state.
	read  atomic.Bool
	truth atomic.Pointer[truth] // nil before the first answer, and where nobody knows
	ended chan struct{}         // a heartbeat has ended

	mu         sync.Mutex
	report     *members.Report // nil before the first answer
	listed     bool            // the keys have been read, or found to be unreadable
	lost       error           // why the keys cannot be read
	candidates map[string]*mvccpb.KeyValue
	summary    *mvccpb.KeyValue
}

// NewLive makes a Live of a source, which logs every change for TakeChanges; Run
// starts it.
func NewLive(s *Source) *Live {
	l := NewUnlogged(s)
	l.log = newChangeLog()
	return l
}

// NewUnlogged makes a Live that logs no changes, which saves a row per change.
func NewUnlogged(s *Source) *Live {
	l := &Live{source: s, view: view.New(s.Now), wake: make(chan struct{}, 1), ended: make(chan struct{}, 1), candidates: make(map[string]*mvccpb.KeyValue)}
	l.view.Expect(s.Hosts)
	return l
}

// OnUpdate makes f be told of each update of the keys once it can be seen. It must
// not block, nor ask the Live. It is for before Run.
func (l *Live) OnUpdate(f func(etcd.Update)) { l.told = f }

// Run follows the cluster until ctx ends, and returns ctx's error then.
func (l *Live) Run(ctx context.Context) error {
	client, err := etcd.New(l.source.Etcd)
	if err != nil {
		return err
	}
	defer client.Close()
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error {
		return client.Follow(ctx, followed, etcd.Follower{Update: l.update, Lost: l.lose})
	})
	actors.Go(func() error { return every(ctx, pollMembers, l.ask) })
	actors.Go(func() error { client.FollowMembers(ctx); return nil })
	if l.source.Facts != nil {
		actors.Go(func() error { return l.followFacts(ctx) })
	}
	if l.log != nil {
		actors.Go(func() error { return every(ctx, pollFresh, func(context.Context) { l.age() }) })
	}
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
	return l.report != nil && l.listed && (l.source.Facts == nil || l.truth.Load() != nil)
}

// Lost is why the store cannot be read now, or nil.
func (l *Live) Lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// rows are the nodes as of now.
func (l *Live) rows() []model.Node { return l.known(l.view.Nodes()) }

// known adds to rows what is true of the nodes, and takes the last known state out
// of them before there is one.
func (l *Live) known(nodes []model.Node) []model.Node {
	if !l.read.Load() {
		for i := range nodes {
			nodes[i].LastState = ""
		}
	}
	return l.truth.Load().complete(nodes)
}

// Status is the state of all as of now.
func (l *Live) Status() *model.Status {
	report, lost := l.snapshot()
	return l.source.status(report, seen{l.rows(), l.Aggregator(), l.truth.Load(), lost})
}

// Nodes is the state of the nodes as of now.
func (l *Live) Nodes() *model.NodeList { return l.source.nodeList(l.rows()) }

// Node is the state of one node as of now, and false if there is none.
func (l *Live) Node(name string) (model.Node, bool) {
	row, ok := l.view.Node(name)
	return l.known([]model.Node{row})[0], ok
}

// Aggregator is who leads the aggregators as of now.
func (l *Live) Aggregator() model.AggregatorLeader {
	l.mu.Lock()
	defer l.mu.Unlock()
	return leadership(slices.Collect(maps.Values(l.candidates)), l.summary, len(l.source.Aggregators) > 0, l.lost != nil || !l.listed)
}

// ListOf is a list of just these nodes.
func (l *Live) ListOf(nodes []model.Node) *model.NodeList { return l.source.nodeList(nodes) }

// Members is the state of the members as of the last second.
func (l *Live) Members() *model.MemberList {
	report, _ := l.snapshot()
	known := l.truth.Load()
	list := l.source.memberList(known.report(report))
	list.Errors = slices.Concat(list.Errors, known.errors())
	return list
}

// Leader is who leads as of the last second.
func (l *Live) Leader() *model.Leader {
	report, _ := l.snapshot()
	return l.source.leader(report, l.Aggregator())
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
		l.apply(c, u.Listed || u.Replayed)
	}
	l.changed()
	l.suspect(u)
	if l.told != nil {
		l.told(u)
	}
}

// apply takes one change. l.mu is held.
func (l *Live) apply(c etcd.Change, listed bool) {
	switch {
	case c.Key == keys.Summary():
		l.summary = c.KV
	case !strings.HasPrefix(c.Key, keys.Candidates(keys.AggregatorElection)):
		l.note(feed(l.view, c, listed))
	case c.KV == nil:
		delete(l.candidates, c.Key)
	default:
		l.candidates[c.Key] = c.KV
	}
}

func (l *Live) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listed = true
	first := l.lost == nil
	l.lost = err
	l.view.Lost(briefly(err))
	if first {
		l.noteAll()
	}
	l.changed()
}

func (l *Live) changed() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
