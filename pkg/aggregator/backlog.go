package aggregator

import (
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// maxPageOps bounds the operations of one txn: a server takes 128 by default.
const maxPageOps = 100

// step is an outcome that is not written yet.
type step struct {
	outcome
	before int64              // the revision up to which all was counted before it
	counts model.RosterCounts // of the roster after it
}

// backlog is what a leader has found out and not written yet. One goroutine adds
// to it and never waits for the one that writes.
type backlog struct {
	wake chan struct{}

	mu    sync.Mutex
	steps []step
	seen  int64 // the revision up to which all is counted once the steps are written
	now   model.RosterCounts
}

func newBacklog(cursor int64, counts model.RosterCounts) *backlog {
	return &backlog{wake: make(chan struct{}, 1), seen: cursor, now: counts}
}

// add appends steps and moves seen. A call with none only moves it.
func (b *backlog) add(seen int64, counts model.RosterCounts, steps ...step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps = append(b.steps, steps...)
	b.seen, b.now = max(b.seen, seen), counts
	if len(steps) > 0 {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
}

// jump is add where seen may also go back: the store was set back.
func (b *backlog) jump(seen int64, counts model.RosterCounts, steps ...step) {
	b.mu.Lock()
	b.seen = seen
	b.mu.Unlock()
	b.add(seen, counts, steps...)
}

// reached is the cursor, and the counts, once all is written.
func (b *backlog) reached() (cursor int64, counts model.RosterCounts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen, b.now
}

// len is the number of steps that are not taken.
func (b *backlog) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.steps)
}

// take returns the next page: the steps that fit into one txn, with the counts
// and the cursor as they are after them. With no steps the page has these alone.
func (b *backlog) take() page {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := page{roster: make(map[string]*model.RosterEntry)}
	n := 0
	for ops := 2; n < len(b.steps); n++ { // the summary and the trim
		s := &b.steps[n]
		ops += len(s.events) + 1
		if n > 0 && ops > maxPageOps {
			break
		}
		p.events = append(p.events, s.events...)
		if s.entry != nil {
			p.roster[s.host] = s.entry
		}
		p.counts = s.counts
	}
	if n < len(b.steps) {
		p.cursor = b.steps[n].before
		b.steps = b.steps[n:]
		return p
	}
	p.cursor, p.counts = b.seen, b.now
	b.steps = nil
	return p
}
