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
		if l.stream(ctx) || l.gone(ctx) {
			close(l.lost)
			return
		}
	}
}

// stream keeps the lease alive by the stream until that ends, or is silent while
// other members answer. It returns true when the server does not know the lease
// any more.
func (l *Lease) stream(ctx context.Context) (lost bool) {
	s, bad := l.client.keeper.join(l.client.Client), true
	defer func() { l.client.keeper.leave(s, bad) }()
	ctx, cancel := context.WithCancel(ctx) // takes the lease off the stream
	defer cancel()
	answers, err := s.KeepAlive(ctx, l.id)
	if err != nil {
		return false
	}
	silence, tries := time.NewTimer(l.ttl/2), 0
	defer silence.Stop()
	for {
		select {
		case _, ok := <-answers:
			if !ok {
				bad = ctx.Err() == nil
				return false
			}
			silence.Reset(l.ttl / 2)
			tries = 0
		case <-silence.C:
			switch err := l.renew(ctx, tries); {
			case errors.Is(err, rpctypes.ErrLeaseNotFound):
				bad = false
				return true
			case err == nil && len(answers) == 0:
				return false
			}
			// Nobody answers in time: another stream would be no better, and one more
			// to serve for who is overloaded.
			silence.Reset(0)
			tries++
		}
	}
}

// Single calls meet the member that hangs now and then: the first few are short, so
// that one of them reaches another in time. The later ones are longer and longer,
// since a store that is only slow would drown in calls that are given up and made
// again.
const (
	shortRenewals = 4
	shortRenewal  = 16 // the part of the TTL that it takes
)

// renew renews the lease by a single call, after so many that have failed. When it
// fails too it takes all of its time, so that who tries again does not spin.
func (l *Lease) renew(ctx context.Context, failed int) error {
	timeout := l.ttl / shortRenewal
	for range failed - shortRenewals + 1 {
		timeout = min(2*timeout, l.ttl)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err := l.client.KeepAliveOnce(ctx, l.id)
	if err != nil && !errors.Is(err, rpctypes.ErrLeaseNotFound) {
		<-ctx.Done()
	}
	return err
}

// gone renews the lease by single calls until one succeeds (false) or the server
// does not know the lease any more (true).
func (l *Lease) gone(ctx context.Context) bool {
	for failed := 0; ctx.Err() == nil; failed++ {
		switch err := l.renew(ctx, failed); {
		case err == nil:
			return false
		case errors.Is(err, rpctypes.ErrLeaseNotFound):
			return true
		}
	}
	return false
}
