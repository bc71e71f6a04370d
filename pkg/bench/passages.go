package bench

import (
	"context"
	"sync"
	"time"
)

// passages measures how long puts take from being sent until observers have them.
// A put and what an observer sees are the same by their revision: so no clock but
// this process's is asked, and nothing is written into the values.
type passages struct {
	window *window
	lanes  []*latency // one per observer

	mu   sync.Mutex
	open map[int64]*passage // by revision
}

// passage is one put on its way. An observer may have it before its sender has the
// answer, and with it the revision.
type passage struct {
	sent    time.Time // zero: not known yet
	since   time.Time // when it was first heard of
	arrived []time.Time
}

func newPassages(w *window, lanes ...*latency) *passages {
	return &passages{window: w, lanes: lanes, open: make(map[int64]*passage)}
}

// sent tells that what is stored at revision was sent at that time.
func (p *passages) sent(revision int64, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(revision, at).sent = at
	p.settle(revision)
}

// arrived tells that an observer has had what is stored at revision since then.
func (p *passages) arrived(lane int, revision int64, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.of(revision, at)
	if one.arrived[lane].IsZero() {
		one.arrived[lane] = at
	}
	p.settle(revision)
}

func (p *passages) of(revision int64, at time.Time) *passage {
	one, ok := p.open[revision]
	if !ok {
		one = &passage{since: at, arrived: make([]time.Time, len(p.lanes))}
		p.open[revision] = one
	}
	return one
}

// settle records a passage that is complete. p.mu is held.
func (p *passages) settle(revision int64) {
	one := p.open[revision]
	if one.sent.IsZero() {
		return
	}
	for _, at := range one.arrived {
		if at.IsZero() {
			return
		}
	}
	delete(p.open, revision)
	p.record(one, time.Time{})
}

// record counts a passage; what has not arrived is taken to do so at the time late.
func (p *passages) record(one *passage, late time.Time) {
	if !p.window.contains(one.sent) {
		return
	}
	for i, at := range one.arrived {
		if at.IsZero() {
			at = late
		}
		p.lanes[i].record(at.Sub(one.sent))
	}
}

// underWay is the number of puts of the window that some observer has not seen.
func (p *passages) underWay() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, one := range p.open {
		if p.window.contains(one.sent) {
			n++
		}
	}
	return n
}

// forgetAfter is how long a put is waited for whose answer was lost.
const forgetAfter = 30 * time.Second

// sweep drops what will never be complete because nobody knows when it was sent.
func (p *passages) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for revision, one := range p.open {
		if one.sent.IsZero() && now.Sub(one.since) > forgetAfter {
			delete(p.open, revision)
		}
	}
}

const (
	// arrivalGrace is how long the last puts have to reach the observers.
	arrivalGrace = 5 * time.Second
	arrivalPause = 20 * time.Millisecond
)

// await waits until everything has arrived, for a while, and counts the rest as it
// is then. The window is closed by now.
func (p *passages) await(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, arrivalGrace)
	defer cancel()
	for p.underWay() > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(arrivalPause):
		}
	}
	p.finish(time.Now())
}

// finish counts those still under way as if they arrived now: left out, they would
// make a view that has stopped look quick.
func (p *passages) finish(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.open {
		if !one.sent.IsZero() {
			p.record(one, now)
		}
	}
	clear(p.open)
}
