package election

import (
	"context"
	"sync/atomic"
	"time"
)

// deadline is until when a lease lives for sure, by the monotonic clock.
type deadline struct {
	base  time.Time
	until atomic.Int64 // nanoseconds after base
}

func newDeadline() *deadline { return &deadline{base: time.Now()} }

// extend moves the deadline, for a renewal that was sent at a time. A renewal that
// is answered after a later one changes nothing.
func (d *deadline) extend(sent time.Time, ttl time.Duration) {
	until := int64(sent.Add(ttl - margin(ttl)).Sub(d.base))
	for before := d.until.Load(); until > before && !d.until.CompareAndSwap(before, until); before = d.until.Load() {
	}
}

func (d *deadline) left() time.Duration { return time.Duration(d.until.Load()) - time.Since(d.base) }

func (d *deadline) ahead() bool { return d.left() > 0 }

// margin is how long before its lease may end a leader stops to begin new work:
// 2 s or a fifth of the TTL, but no more than half of it.
func margin(ttl time.Duration) time.Duration {
	return min(max(2*time.Second, ttl/5), ttl/2)
}

// pass waits until the deadline has passed, and then calls f; not if ctx ends
// before.
func (d *deadline) pass(ctx context.Context, f func()) {
	for d.ahead() {
		timer := time.NewTimer(d.left())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
	f()
}
