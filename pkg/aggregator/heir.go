package aggregator

import (
	"context"
	"log/slog"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// redialMin and redialMax are the pauses between two calls of a leader that
	// does not answer.
	redialMin = 5 * time.Millisecond
	redialMax = time.Second
	// deposePause is the least time between two removals of dead leaders.
	deposePause = time.Second
)

// heir watches over the leader while its replica stands by: it removes a leader
// whose process is found dead, so that the next one need not wait for the lease
// to end, and remembers how leaders ended. A wrong guess is harmless: the leader
// that lives is fenced off, and campaigns again.
type heir struct {
	instance string // of this replica
	depose   func(context.Context, election.Candidate) (bool, error)
	log      *slog.Logger
	now      func() time.Time

	news chan struct{}

	mu      sync.Mutex
	leader  election.Candidate
	some    bool // somebody leads
	fates   map[int64]fate
	deposed time.Time // when a leader was last removed
}

// fate is what is known of a leader; times are zero where they are not.
type fate struct {
	lease clientv3.LeaseID
	heard time.Time // the last beat of its lifeline
	died  time.Time // its lifeline broke, and its process was found dead
	gone  time.Time // its key was seen to be gone
}

func newHeir(instance string, depose func(context.Context, election.Candidate) (bool, error), log *slog.Logger, now func() time.Time) *heir {
	return &heir{instance: instance, depose: depose, log: log, now: now, news: make(chan struct{}, 1), fates: make(map[int64]fate)}
}

// changed takes the news of who leads.
func (h *heir) changed(s election.State) {
	if !s.Known {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	leader, some := s.Leader()
	if h.some && h.leader.Token != leader.Token {
		h.note(h.leader.Token, func(f *fate) { f.gone, f.lease = h.now(), h.leader.Lease })
	}
	if some == h.some && leader.Token == h.leader.Token {
		return
	}
	h.leader, h.some = leader, some
	select {
	case h.news <- struct{}{}:
	default:
	}
}

// maxFates bounds what is remembered of earlier leaders.
const maxFates = 16

// note changes what is known of the leader with a token. h.mu is held.
func (h *heir) note(token int64, change func(*fate)) {
	f := h.fates[token]
	change(&f)
	h.fates[token] = f
	for len(h.fates) > maxFates {
		oldest := token
		for t := range h.fates {
			oldest = min(oldest, t)
		}
		delete(h.fates, oldest)
	}
}

// fate tells how the leader with a token ended.
func (h *heir) fate(token int64) fate {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fates[token]
}

// run watches over one leader after the other until ctx ends.
func (h *heir) run(ctx context.Context) error {
	for {
		h.mu.Lock()
		leader, some := h.leader, h.some
		h.mu.Unlock()
		watching, stop := context.WithCancel(ctx)
		var watch sync.WaitGroup
		if some {
			watch.Go(func() { h.watch(watching, leader) })
		}
		select {
		case <-ctx.Done():
		case <-h.news:
		}
		stop()
		watch.Wait()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// watch holds a lifeline to a leader until ctx ends, or the leader is found dead
// and removed.
func (h *heir) watch(ctx context.Context, c election.Candidate) {
	leader, err := model.DecodeAggregator(c.Value)
	if err != nil || leader.Address == "" || leader.Instance == h.instance {
		return
	}
	var broke time.Time // zero while the leader was not heard yet
	pause := redialMin
	for {
		err := holdLifeline(ctx, leader, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			broke, pause = h.now(), redialMin
			h.note(c.Token, func(f *fate) { f.heard = broke })
		})
		if ctx.Err() != nil {
			return
		}
		if !broke.IsZero() && provesDeath(err) {
			h.bury(ctx, leader, c, broke)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, redialMax)
	}
}

// bury removes the key of a leader whose process is dead, last heard at died.
func (h *heir) bury(ctx context.Context, leader *model.Aggregator, c election.Candidate, died time.Time) {
	h.mu.Lock()
	h.note(c.Token, func(f *fate) { f.died = died })
	pause := h.deposed.Add(deposePause).Sub(h.now())
	h.mu.Unlock()
	select {
	case <-ctx.Done():
		return
	case <-time.After(pause):
	}
	removed, err := h.depose(ctx, c)
	h.mu.Lock()
	h.deposed = h.now()
	h.mu.Unlock()
	if ctx.Err() != nil {
		err = nil // it is gone: its key's end has ended the watch over it
	}
	h.log.Info("the leader's process is dead", "leader", leader.Name, "removed", removed, "err", err)
}
