package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Lease is a lease that is kept alive by a stream until it is closed or lost.
//
// A stream sits on one member, and clientv3 notices only after some 13 s that
// the member hangs, which is longer than a lease of a few seconds lives. So when
// the stream says nothing for half the TTL, the lease is renewed by single calls
// beside it, which the balancer spreads over the members; and when one of these
// is answered first, the stream is given up for a new one.
type Lease struct {
	client *Client
	id     clientv3.LeaseID
	ttl    time.Duration

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
		cancel: cancel,
		lost:   make(chan struct{}),
		done:   make(chan struct{}),
	}
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

// Close stops keeping the lease alive and revokes it, in ctx's time.
func (l *Lease) Close(ctx context.Context) error {
	l.cancel()
	<-l.done
	if _, err := l.client.Revoke(ctx, l.id); err != nil && !errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return fmt.Errorf("revoke lease %x: %w", int64(l.id), err)
	}
	return nil
}

func (l *Lease) keep(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		if err := l.stream(ctx); errors.Is(err, rpctypes.ErrLeaseNotFound) {
			close(l.lost)
			return
		}
	}
}

// stream keeps the lease alive by a stream until that ends, or is silent while
// single calls are answered. The error, if any, is the server's.
func (l *Lease) stream(ctx context.Context) error {
	s, bad := l.client.keeper.join(l.client.Client), true
	defer func() { l.client.keeper.leave(s, bad) }()
	streaming, cancel := context.WithCancel(ctx) // takes the lease off the stream
	defer cancel()
	answers, err := s.KeepAlive(streaming, l.id)
	if err != nil {
		_, err = l.renew(ctx, nil)
		return err
	}
	patience := l.ttl / 2
	silence := time.NewTimer(patience)
	defer silence.Stop()
	for {
		select {
		case _, ok := <-answers:
			if ok {
				patience = max(patience-l.ttl/32, l.ttl/2)
				silence.Reset(patience)
				continue
			}
			bad, answers = ctx.Err() == nil, nil // it has ended
		case <-silence.C:
		}
		if streams, err := l.renew(ctx, answers); !streams {
			return err
		}
		// It does not hang: it is slow, and single calls are no help to it.
		patience = l.ttl * 3 / 4
		silence.Reset(patience)
	}
}

// renewals is how many single calls are made in the half of the TTL that is left
// when a stream has fallen silent. Each may meet the member that hangs.
const renewals = 4

// renew renews the lease by single calls until one is answered, whatever the answer
// is, or until the stream whose answers are given says something: then it streams.
// Every now and then it makes one more call, and leaves the others the time that a
// store that is only slow needs; from the lease's supposed end on they are fewer and
// fewer, since such a store would drown in them.
func (l *Lease) renew(ctx context.Context, stream <-chan *clientv3.LeaseKeepAliveResponse) (streams bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answered := make(chan error)
	pause := l.ttl / 2 / renewals
	next := time.NewTimer(0)
	defer next.Stop()
	for calls := 0; ; {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case _, ok := <-stream:
			if ok {
				return true, nil
			}
			stream = nil
		case err := <-answered:
			if err == nil || errors.Is(err, rpctypes.ErrLeaseNotFound) {
				return false, err
			}
		case <-next.C:
			if calls++; calls > renewals {
				pause = min(2*pause, l.ttl)
			}
			next.Reset(pause)
			go func() {
				once, cancel := context.WithTimeout(ctx, l.ttl)
				defer cancel()
				_, err := l.client.KeepAliveOnce(once, l.id)
				select {
				case answered <- err:
				case <-ctx.Done():
				}
			}()
		}
	}
}
