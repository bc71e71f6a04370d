package aggregator_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// recorder keeps every change of every key of ours.
type recorder struct {
	mu      sync.Mutex
	changes []etcd.Change
	seen    int64
	stop    func() error
}

// record begins with the changes after revision 1: those of a new store.
func record(t testing.TB, client *etcd.Client) *recorder {
	t.Helper()
	r := new(recorder)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- client.Tail(ctx, []etcd.Range{{Key: keys.Root, Prefix: true}}, 1, etcd.Follower{
			Update: func(u etcd.Update) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.changes = append(r.changes, u.Changes...)
				r.seen = max(r.seen, u.Revision)
			},
		})
	}()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = r.stop() })
	return r
}

// reached is the revision up to which everything is recorded.
func (r *recorder) reached() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

// commits are the changes by the revision that they were made in, in order.
func (r *recorder) commits() [][]etcd.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return byRevision(r.changes)
}

func byRevision(changes []etcd.Change) [][]etcd.Change {
	var commits [][]etcd.Change
	for len(changes) > 0 {
		n := slices.IndexFunc(changes, func(c etcd.Change) bool { return c.Revision != changes[0].Revision })
		if n < 0 {
			n = len(changes)
		}
		commits = append(commits, changes[:n])
		changes = changes[n:]
	}
	return commits
}
