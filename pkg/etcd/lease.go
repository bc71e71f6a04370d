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
// the member hangs, which is longer than a lease of a few seconds lives. So a
// stream that says nothing for half the TTL is given up for a new one, which the
// balancer is likely to put on another member.
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
		l.stream(ctx)
		if l.gone(ctx) {
			close(l.lost)
			return
		}
	}
}

// stream keeps the lease alive until its stream ends or falls silent.
func (l *Lease) stream(ctx context.Context) {
	// A lessor of its own has a stream of its own; closing it is the only way to
	// move the stream to another member.
	lessor := clientv3.NewLease(l.client.Client)
	defer lessor.Close()
	answers, err := lessor.KeepAlive(ctx, l.id)
	if err != nil {
		return
	}
	silence := time.NewTimer(l.ttl / 2)
	defer silence.Stop()
	for {
		select {
		case _, ok := <-answers:
			if !ok {
				return
			}
			silence.Reset(l.ttl / 2)
		case <-silence.C:
			return
		}
	}
}

// gone renews the lease by single calls, each short enough to reach a second
// member in time, until one succeeds (false) or the server does not know the
// lease any more (true).
func (l *Lease) gone(ctx context.Context) bool {
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, l.ttl/8)
		_, err := l.client.KeepAliveOnce(once, l.id)
		if err == nil {
			cancel()
			return false
		}
		if errors.Is(err, rpctypes.ErrLeaseNotFound) {
			cancel()
			return true
		}
		<-once.Done() // no tight loop when the failure comes at once
		cancel()
	}
	return false
}
