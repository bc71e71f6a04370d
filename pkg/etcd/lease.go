package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Lease is a lease that is kept alive by a stream until it is closed or lost.
//
// A stream sits on one member, and clientv3 notices only after some 13 s that
// the member hangs, which is longer than a lease of a few seconds lives. So when
// nothing is answered for most of the TTL, and the member does not answer another
// question either, the lease is renewed by single calls beside the stream, at other
// members, if they are not as slow.
type Lease struct {
	client *Client
	id     clientv3.LeaseID
	ttl    time.Duration
	// due is when the next renewal is to be asked for, as the time since made.
	due  atomic.Int64
	made time.Time

	cancel context.CancelFunc
	lost   chan struct{}
	done   chan struct{}
}

// NewLease grants a lease and keeps it alive until Close. ctx bounds the grant
// alone. The TTL is in whole seconds; the server may grant more than was asked.
func (c *Client) NewLease(ctx context.Context, ttl time.Duration) (*Lease, error) {
	resp, err := c.Grant(ctx, int64(ttl/time.Second))
	if err != nil {
		return nil, fmt.Errorf("grant lease of %v: %w", ttl, err)
	}
	keep, cancel := context.WithCancel(c.Ctx())
	l := &Lease{
		client: c,
		id:     resp.ID,
		ttl:    time.Duration(resp.TTL) * time.Second,
		made:   time.Now(),
		cancel: cancel,
		lost:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	l.renewed(0)
	go l.keep(keep) //nolint:contextcheck // the lease outlives the call that granted it
	return l, nil
}

// ID is the lease's id.
func (l *Lease) ID() clientv3.LeaseID { return l.id }

// TTL is what the server granted.
func (l *Lease) TTL() time.Duration { return l.ttl }

// Lost is closed once the server has said that the lease is no more. A store
// that cannot be reached does not close it: the lease may well live, since a new
// raft leader gives every lease its full TTL again.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Overdue is for how long a renewal has been waited for; 0 for a lease that is lost. The
// server answers one without asking the other members: a long time tells that it is
// overloaded, or hangs.
func (l *Lease) Overdue() time.Duration {
	if l.isLost() {
		return 0
	}
	return max(0, time.Since(l.made)-time.Duration(l.due.Load()))
}

func (l *Lease) isLost() bool {
	select {
	case <-l.lost:
		return true
	default:
		return false
	}
}

func (l *Lease) renewed(took time.Duration) { l.due.Store(int64(time.Since(l.made) + l.renewIn(took))) }

// Close stops keeping the lease alive and revokes it, in ctx's time. One that is lost is
// not revoked: each revocation costs every member a commit to its disk.
func (l *Lease) Close(ctx context.Context) error {
	l.cancel()
	<-l.done
	if l.isLost() {
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

// renewal is an answer.
type renewal struct {
	ttl  int64 // in seconds; 0 for a lease that is no more
	took time.Duration
}

// keep renews the lease until ctx ends or the server says that it is no more.
func (l *Lease) keep(ctx context.Context) {
	defer close(l.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan renewal)
	stream := &leaseStream{client: l.client}
	go l.exchange(ctx, stream, answers)

	silence := time.NewTimer(l.patience())
	defer silence.Stop()
	var asked *visited // nil while there is no silence
	pause := l.firstPause(0)
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-answers:
			if r.ttl <= 0 {
				close(l.lost)
				return
			}
			l.renewed(r.took)
			asked, pause = nil, l.firstPause(r.took)
			silence.Reset(l.patience())
		case <-silence.C:
			if asked == nil {
				asked = stream.member()
			}
			go l.elsewhere(ctx, asked, answers)
			silence.Reset(pause)
			pause *= 2
		}
	}
}

// exchange renews the lease by a stream until ctx ends, and hands on the TTLs that
// are answered.
func (l *Lease) exchange(ctx context.Context, stream *leaseStream, answers chan<- renewal) {
	next := time.NewTimer(l.renewAfter())
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		began := time.Now()
		ttl, err := stream.renew(ctx, l.id)
		if err != nil {
			next.Reset(l.reopenAfter())
			continue
		}
		took := time.Since(began)
		answer(ctx, answers, renewal{ttl, took})
		next.Reset(l.renewIn(took))
	}
}

// elsewhere renews the lease by a single call to a member that has not been asked, if
// that one answers promptly and the first one, which has the stream, does not.
func (l *Lease) elsewhere(ctx context.Context, asked *visited, answers chan<- renewal) {
	ctx, cancel := context.WithTimeout(ctx, l.ttl)
	defer cancel()
	if l.isBusy(ctx, asked.first()) {
		return // it will come to the renewal that it has
	}
	there, err := l.promptStatus(asked.aimElsewhere(ctx))
	if err != nil && Classify(err) != ClassDenied {
		return
	}
	began := time.Now()
	ctx, _ = asked.aimAt(ctx, there.at)
	resp, err := l.client.KeepAliveOnce(ctx, l.id)
	switch {
	case err == nil:
		l.client.leader.seen(resp.ResponseHeader.GetRaftTerm())
		answer(ctx, answers, renewal{resp.TTL, time.Since(began)})
	case errors.Is(err, rpctypes.ErrLeaseNotFound):
		answer(ctx, answers, renewal{})
	}
}

// isBusy reports whether the member at an address, which owes a renewal, answers and leads.
func (l *Lease) isBusy(ctx context.Context, at string) bool {
	if at == "" {
		return false
	}
	there, err := l.promptStatus(new(visited).aimAt(ctx, at))
	return err == nil && there.at == at && there.leads()
}

// promptStatus asks for a status, which costs a member nothing beyond the answer: one that
// hangs, or cannot keep up, does not give it in time.
func (l *Lease) promptStatus(ctx context.Context, aim *aim) (memberStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, l.promptly())
	defer cancel()
	return l.client.status(ctx, aim)
}

func answer(ctx context.Context, answers chan<- renewal, r renewal) {
	select {
	case answers <- r:
	case <-ctx.Done():
	}
}
