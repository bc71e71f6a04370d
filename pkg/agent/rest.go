package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// rest is how long a publisher leaves the store alone after a put: the longer the
// slower it was, and soon nothing again. In a fleet that is too large for its
// store, no more puts then wait than are answered in the time that slow tells, so
// that the renewals of leases, which wait behind them, come before a lease ends.
type rest struct {
	length  time.Duration
	fastest time.Duration // of all puts; 0 before the first
}

// maxRest is that of agents whose interval is long: fewer of their puts would help
// nobody.
const maxRest = 30 * time.Second

// slow is the time of a put from which on the store is taken to be overloaded: far
// less than a lease lives, and far more than a healthy store needs, how far away it
// may be.
func (r *rest) slow(ttl time.Duration) time.Duration { return max(ttl/slowPart, 2*r.fastest) }

// slowPart of a lease's TTL is a slow put.
const slowPart = 25

// patience is what a put may take while the store is slow: one that is given up is
// work that the store does for nothing.
func (r *rest) patience(ttl time.Duration) time.Duration { return min(4*r.length, ttl) }

// after takes into account a put that took so long, of an agent of such an interval and
// TTL. A 25th of the TTL is followed by a rest of one interval, and more by as much
// more, so that the puts of a fleet get fewer by as much as the store is too slow for
// them. The rest has its limits: an agent must notice soon that the store is well again.
//
// A put that one member left unanswered while others do answer tells nothing of the store.
func (r *rest) after(took, interval, ttl time.Duration, err error, othersAnswer bool) {
	if err == nil && (r.fastest == 0 || took < r.fastest) {
		r.fastest = took
	}
	switch least := r.slow(ttl); {
	case othersAnswer && errors.Is(err, context.DeadlineExceeded):
		// It stays as it is.
	case took > least && r.length > 0:
		inProportion := time.Duration(float64(interval) * float64(took-r.fastest) / float64(ttl/slowPart))
		r.length = min(max(inProportion, took), max(ttl, min(2*interval, maxRest)))
	case took > least:
		r.length = least // it may be one member only, or an election
	case r.length > least:
		r.length /= 4
	default:
		r.length = 0
	}
}

// comeBack is how long after the loss of its lease a heartbeat is put anew: at once, since
// the node looks dead, but where the store was slow. The fleet may have lost its leases then,
// and all of it at once would take away the time to renew the new ones.
func (r *rest) comeBack(ttl time.Duration) time.Duration {
	if r.length == 0 {
		return 0
	}
	return rand.N(min(r.length, ttl))
}
