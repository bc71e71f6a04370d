package etcd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
)

// Lease is a lease that is kept alive by a stream until it is closed or lost.
//
// A stream sits on one member, and clientv3 notices only after some 13 s that
// the member hangs, which is longer than a lease of a few seconds lives. So when
// nothing is answered for most of the TTL, and the member does not answer another
// question either, the lease is renewed by single calls beside the stream, at other
// members, if they are not as slow. A renewal that a leader owes who does answer is waited
// for, and in the end given up.
type Lease struct {
	client *Client
	id     clientv3.LeaseID
	ttl    time.Duration
	made   time.Time // when it was asked for

	// The last answer: when it came and when the next renewal is to be asked for, as the
	// time since made, what it took, and raft's term then.
	answered, due, took atomic.Int64
	term                atomic.Uint64
	// next is closed at the next answer; nil while nobody waits for that.
	next atomic.Pointer[chan struct{}]

	cancel  context.CancelFunc
	losing  sync.Once
	lost    chan struct{}
	givenUp atomic.Bool
	done    chan struct{}
}

// NewLeaseID makes an id for a lease that is to be granted.
func NewLeaseID() clientv3.LeaseID { return clientv3.LeaseID(1 + rand.Int64N(math.MaxInt64)) }

// NewLease grants a lease and keeps it alive until Close. ctx bounds the grant
// alone. The TTL is in whole seconds; the server may grant more than was asked.
func (c *Client) NewLease(ctx context.Context, ttl time.Duration) (*Lease, error) {
	return c.NewLeaseWithID(ctx, NewLeaseID(), ttl)
}

// NewLeaseWithID is NewLease for a caller who asks again, with the same id, where the
// outcome of a grant is not known: else each grant whose answer was lost would leave a
// lease, and the end of each costs every member a commit to its disk.
func (c *Client) NewLeaseWithID(ctx context.Context, id clientv3.LeaseID, ttl time.Duration) (*Lease, error) {
	began := time.Now()
	granted, term, err := c.grant(ctx, id, ttl)
	if err != nil {
		return nil, fmt.Errorf("grant lease of %v: %w", ttl, err)
	}
	keep, cancel := context.WithCancel(c.Ctx())
	l := &Lease{
		client: c,
		id:     id,
		ttl:    granted,
		made:   began,
		cancel: cancel,
		lost:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	c.leader.seen(term)
	l.renewed(time.Since(began), term)
	go l.keep(keep) //nolint:contextcheck // the lease outlives the call that granted it
	return l, nil
}

// grant asks for a lease under an id, and returns its TTL and raft's term. clientv3's own
// call leaves the id to the server.
func (c *Client) grant(ctx context.Context, id clientv3.LeaseID, ttl time.Duration) (granted time.Duration, term uint64, err error) {
	ctx, cancel := limit(ctx, c.callTimeout)
	defer cancel()
	for {
		resp, err := clientv3.RetryLeaseClient(c.Client).LeaseGrant(ctx, &pb.LeaseGrantRequest{ID: int64(id), TTL: int64(ttl / time.Second)}, grpc.WaitForReady(true))
		err = clientv3.ContextError(ctx, err)
		if !errors.Is(err, rpctypes.ErrLeaseExist) {
			return time.Duration(resp.GetTTL()) * time.Second, resp.GetHeader().GetRaftTerm(), err
		}
		// It was granted before, and may be about to end.
		renewed, err := c.KeepAliveOnce(ctx, id)
		switch {
		case err == nil:
			return time.Duration(renewed.TTL) * time.Second, renewed.GetRaftTerm(), nil
		case !errors.Is(err, rpctypes.ErrLeaseNotFound): // else it has just ended
			return 0, 0, err
		}
	}
}

// ID is the lease's id.
func (l *Lease) ID() clientv3.LeaseID { return l.id }

// TTL is what the server granted.
func (l *Lease) TTL() time.Duration { return l.ttl }

// Lost is closed once the server has said that the lease is no more, or when it is given
// up. A store that cannot be reached does not close it: the lease may well live, since a
// new raft leader gives every lease its full TTL again.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// GivenUp reports whether a lease was lost without a word of the server about it: what is
// on it may be there for a while. A leader that has many leases to end answers their
// renewals no sooner than it has ended them.
func (l *Lease) GivenUp() bool { return l.givenUp.Load() }

// Ended takes a server's word, by the answer to a write, that the lease is no more.
func (l *Lease) Ended() { l.lose(false) }

func (l *Lease) lose(givenUp bool) {
	l.losing.Do(func() {
		l.givenUp.Store(givenUp)
		close(l.lost)
	})
}

// Overdue is for how long a renewal has been waited for; 0 for a lease that is lost. The
// server answers one without asking the other members: a long time tells that it is
// overloaded, or hangs.
func (l *Lease) Overdue() time.Duration {
	if l.IsLost() {
		return 0
	}
	return max(0, time.Since(l.made)-time.Duration(l.due.Load()))
}

// IsLost reports whether Lost is closed.
func (l *Lease) IsLost() bool {
	select {
	case <-l.lost:
		return true
	default:
		return false
	}
}

// renewed takes in an answer, in a term of raft's, that took so long.
func (l *Lease) renewed(took time.Duration, term uint64) {
	now := time.Since(l.made)
	l.took.Store(int64(took))
	l.term.Store(term)
	l.due.Store(int64(now + l.renewIn(took)))
	l.answered.Store(int64(now))
	if next := l.next.Swap(nil); next != nil {
		close(*next)
	}
}

// Renewed returns a channel that is closed when a renewal is answered next.
func (l *Lease) Renewed() <-chan struct{} {
	for {
		if next := l.next.Load(); next != nil {
			return *next
		}
		next := make(chan struct{})
		if l.next.CompareAndSwap(nil, &next) {
			return next
		}
	}
}

// quiet is how long ago the last answer was.
func (l *Lease) quiet() time.Duration { return time.Since(l.made) - time.Duration(l.answered.Load()) }

// Close stops keeping the lease alive and revokes it, in ctx's time. One that is lost is
// not revoked: each revocation costs every member a commit to its disk.
func (l *Lease) Close(ctx context.Context) error {
	l.cancel()
	<-l.done
	if l.IsLost() {
		return nil
	}
	if _, err := l.client.Revoke(ctx, l.id); err != nil && !errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return fmt.Errorf("revoke lease %x: %w", int64(l.id), err)
	}
	return nil
}

// renewAfter is between two renewals. Longer than clientv3's, a third of the TTL: a
// renewal that is late is made up for by single calls.
func (l *Lease) renewAfter() time.Duration { return l.ttl * 4 / 10 }

// renewIn is how long after an answer that took so long the next renewal is asked for:
// counted from the answer, it would come to the server later by what the answer took.
func (l *Lease) renewIn(took time.Duration) time.Duration { return max(0, l.renewAfter()-took) }

// patience is how long after the last answer single calls begin.
func (l *Lease) patience() time.Duration { return l.ttl * 3 / 4 }

// firstPause is between the first two single calls, when the last answer took so long: a
// member that hangs has been as fast as ever before it, and a store that is only slow must
// not be asked for the same in many ways. It doubles with each call.
func (l *Lease) firstPause(took time.Duration) time.Duration {
	return min(max(l.ttl/8, 4*took), l.ttl)
}

// promptly is how soon a member must answer to be waited for, or to be asked for a renewal.
// That all are slow is an overload, which does not call for renewals by followers: these
// ask the leader.
func (l *Lease) promptly() time.Duration { return l.ttl / 10 }

// reopenAfter is when another stream is tried after one that ended.
func (l *Lease) reopenAfter() time.Duration { return l.ttl / 12 }

// longestPause is between two single calls in the end.
func (l *Lease) longestPause() time.Duration { return 2 * l.ttl }

// giveUpAfter is how long after the last answer a lease is given up, at the soonest,
// although the leader leads and answers other questions: it has ended, or is about to.
func (l *Lease) giveUpAfter() time.Duration { return l.ttl * 3 / 2 }

// keep renews the lease until ctx ends or it is lost.
func (l *Lease) keep(ctx context.Context) {
	defer close(l.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := &leaseStream{client: l.client}
	go l.exchange(ctx, stream)

	silence := newSilence(l.patience())
	defer silence.Stop()
	var asked *visited // nil while there is no silence
	var pause time.Duration
	var renewed <-chan struct{} // nil too: an answer in time wakes nobody
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.lost:
			return
		case <-renewed:
		case <-silence.C:
		}
		renewed = l.Renewed()
		quiet := l.quiet()
		if quiet < l.patience() {
			asked, renewed = nil, nil
			silence.reset(l.patience() - quiet)
			continue
		}
		if !silence.listened() {
			continue
		}
		if asked == nil {
			asked, pause = stream.member(), l.firstPause(time.Duration(l.took.Load()))
		}
		go l.elsewhere(ctx, stream, asked)
		if left := l.giveUpAfter() - quiet; left > 0 && left < pause {
			silence.reset(left)
		} else {
			silence.reset(pause)
		}
		pause = min(2*pause, l.longestPause())
	}
}

// exchange renews the lease by a stream until ctx ends.
func (l *Lease) exchange(ctx context.Context, stream *leaseStream) {
	next := time.NewTimer(time.Duration(l.due.Load()) - time.Since(l.made))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		began := time.Now()
		resp, err := stream.renew(ctx, l.id)
		if err != nil {
			next.Reset(l.reopenAfter())
			continue
		}
		took := time.Since(began)
		term := resp.GetHeader().GetRaftTerm()
		if term == stream.ledIn.Load() {
			l.client.busyLeader.renews(stream.went, term)
		}
		l.answer(resp.TTL, term, took)
		next.Reset(l.renewIn(took))
	}
}

// answer takes in what a member says of a renewal.
func (l *Lease) answer(ttl int64, term uint64, took time.Duration) {
	if ttl <= 0 {
		l.Ended()
		return
	}
	l.client.leader.seen(term)
	l.renewed(took, term)
}

// elsewhere renews the lease by a single call to a member that has not been asked, if
// that one answers promptly and the first one, which has the stream, does not. Where the
// first one leads and answers it is left to come to the renewal, unless it waits for another
// leader itself; in the end the lease is given up.
func (l *Lease) elsewhere(ctx context.Context, stream *leaseStream, asked *visited) {
	ctx, cancel := context.WithTimeout(ctx, l.ttl)
	defer cancel()
	if at := asked.first(); at != "" {
		switch told := l.client.isBusy(ctx, at, l.promptly()); {
		case !told.leads:
		case told.term > stream.ledIn.Load():
			// It may have passed on the renewal, and waits for a former leader.
			l.client.leader.seen(told.term)
			stream.breakOff()
			return
		default: // it will come to the renewal that it has
			if told.term == l.term.Load() && l.quiet() >= l.giveUpAfter() {
				l.lose(true)
			}
			return
		}
	}
	there, err := l.promptStatus(asked.aimElsewhere(ctx))
	if err != nil && Classify(err) != ClassDenied {
		return
	}
	ctx, _ = asked.aimAt(ctx, there.at)
	if err := l.RenewOnce(ctx); err == nil && l.term.Load() > stream.ledIn.Load() {
		stream.breakOff() // or the next renewals would be late as well
	}
}

// RenewOnce renews the lease by a single call, beside the stream. The error wraps
// rpctypes.ErrLeaseNotFound if it has ended.
func (l *Lease) RenewOnce(ctx context.Context) error {
	began := time.Now()
	resp, err := l.client.KeepAliveOnce(ctx, l.id)
	switch {
	case err == nil:
		l.answer(resp.TTL, resp.GetRaftTerm(), time.Since(began))
	case errors.Is(err, rpctypes.ErrLeaseNotFound):
		l.Ended()
	}
	return err
}

// promptStatus asks for a status, which costs a member nothing beyond the answer: one that
// hangs, or cannot keep up, does not give it in time.
func (l *Lease) promptStatus(ctx context.Context, aim *aim) (memberStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, l.promptly())
	defer cancel()
	return l.client.status(ctx, aim)
}
