package bench

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// observer watches a fleet in two ways: by the view that status and the
// aggregators live on, and by a bare watch of the same keys, as the yardstick.
type observer struct {
	live     *status.Live
	bare     *bareWatch
	etcd     etcd.Config
	prefix   string // of the fleet's heartbeats
	fleet    *fleet
	passages *passages

	mu    sync.Mutex
	seen  map[string]bool   // hosts whose heartbeat the view has had
	dead  map[string]string // hosts that were shown dead while their agent ran, and how
	stale map[string]bool
}

func newObserver(s *status.Source, f *fleet) *observer {
	prefix := keys.Heartbeat(hostPrefix(f.id))
	o := &observer{
		live: status.NewUnlogged(s), bare: newBareWatch(prefix, f.meter.passages, laneWatch), etcd: s.Etcd,
		prefix: prefix, fleet: f, passages: f.meter.passages,
		seen: make(map[string]bool), dead: make(map[string]string), stale: make(map[string]bool),
	}
	o.live.OnUpdate(o.updated)
	return o
}

// run observes until ctx ends.
func (o *observer) run(ctx context.Context) error {
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error { return o.live.Run(ctx) })
	actors.Go(func() error { return o.bare.run(ctx, o.etcd) })
	if err := actors.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// awaitReady waits until both ways see.
func (o *observer) awaitReady(ctx context.Context) error {
	for !o.live.Ready() || o.live.Lost() != nil {
		select {
		case <-o.live.Changed():
		case <-ctx.Done():
			return errors.Join(ctx.Err(), o.live.Lost())
		}
	}
	return o.bare.await(ctx)
}

// updated takes changes that the view has just taken in.
func (o *observer) updated(u etcd.Update) {
	now := time.Now()
	for _, c := range u.Changes {
		host, ours := strings.CutPrefix(c.Key, keys.HeartbeatPrefix)
		if !ours || !strings.HasPrefix(c.Key, o.prefix) {
			continue
		}
		if c.KV == nil {
			o.vanished(host)
			continue
		}
		o.passages.arrived(laneView, c.Revision, now)
		o.mu.Lock()
		o.seen[host] = true
		o.mu.Unlock()
	}
}

// vanished notes a heartbeat that is gone although its agent runs.
func (o *observer) vanished(host string) {
	if s := o.fleet.byHost[host]; s != nil && !s.stopped.Load() {
		o.note(host, "its heartbeat vanished")
	}
}

func (o *observer) note(host, how string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.dead[host]; !known {
		o.dead[host] = how
	}
}

// look judges the nodes as the view shows them now, and by what their agents know: a view
// that is far behind does not show yet what it is going to.
func (o *observer) look() {
	for _, s := range o.fleet.members {
		if s.lost.Load() {
			o.note(s.host, "its lease ended")
		}
	}
	o.mu.Lock()
	seen := maps.Clone(o.seen) // before its first heartbeat a node is rightly Dead
	o.mu.Unlock()
	for _, n := range o.live.Nodes().Items {
		s := o.fleet.byHost[n.Name]
		if s == nil || s.stopped.Load() {
			continue
		}
		switch n.State {
		case model.NodeDead:
			if seen[n.Name] {
				o.note(n.Name, "shown Dead: "+n.Reason)
			}
		case model.NodeStale:
			o.mu.Lock()
			o.stale[n.Name] = true
			o.mu.Unlock()
		}
	}
}

// maxDetails is how many of the falsely dead are named.
const maxDetails = 5

func (o *observer) nodes() model.BenchNodes {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := model.BenchNodes{FalselyDead: len(o.dead), Stale: len(o.stale)}
	for host, how := range o.dead {
		n.Details = append(n.Details, host+": "+how)
	}
	slices.Sort(n.Details)
	n.Details = n.Details[:min(maxDetails, len(n.Details))]
	return n
}
