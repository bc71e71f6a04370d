package status

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

const (
	// pollFacts is the least time between two questions of what is true of nodes and
	// pods, and factsShare how many times as long as the answer took: a large fleet
	// is asked for less often.
	pollFacts  = 3 * time.Second
	factsShare = 10
)

// followFacts keeps what is true of nodes and pods in step until ctx ends. Kubelets
// are asked besides as soon as a heartbeat ends.
func (l *Live) followFacts(ctx context.Context) error {
	for {
		began := time.Now()
		l.learn(ctx, l.source.facts(ctx))
		next := time.After(max(pollFacts, factsShare*time.Since(began)))
		for due := false; !due; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-l.ended:
				l.learn(ctx, l.truth.Load())
			case <-next:
				due = true
			}
		}
	}
}

// learn takes over what has been found out, and asks the kubelets of nodes that are
// silent. What it no longer tells, since the API server cannot be reached, stays as
// it was.
func (l *Live) learn(ctx context.Context, t *truth) {
	old := l.truth.Load()
	if old != nil && old.AllNodes && !t.AllNodes {
		t.Nodes, t.nodes, t.AllNodes = old.Nodes, old.nodes, true
	}
	t.tell(l.view, l.source.Hosts)
	t = l.source.doubt(ctx, t, l.view.Nodes())
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.truth.Store(t)
	for name := range t.nodes {
		if old == nil || !reflect.DeepEqual(old.node(name), t.node(name)) {
			l.note(name)
		}
	}
	if old != nil {
		for name := range old.nodes {
			if t.nodes[name] == nil {
				l.note(name)
			}
		}
	}
	l.changed()
}

// suspect wakes followFacts if an update ends a heartbeat.
func (l *Live) suspect(u etcd.Update) {
	for _, c := range u.Changes {
		if c.KV == nil && strings.HasPrefix(c.Key, keys.HeartbeatPrefix) {
			select {
			case l.ended <- struct{}{}:
			default:
			}
			return
		}
	}
}
