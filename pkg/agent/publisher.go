package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// callTimeout lets a put that met a hung member be tried at another one soon.
	callTimeout = 2 * time.Second
	retryMin    = 100 * time.Millisecond
	retryMax    = time.Second

	// checkEvery is how often an agent with a long interval looks whether its key
	// is still its own.
	checkEvery = 10 * time.Second

	// goodbyeTimeout bounds the leaving put and the revocation together.
	goodbyeTimeout = 700 * time.Millisecond
)

// publisher puts the newest sample under the host's key, one put at a time.
type publisher struct {
	agent *Agent
	log   *slog.Logger
	slot  *slot

	// using is the lease that the key is on; next has been granted for another
	// TTL, or after a loss, and the key is not known to be on it yet.
	using, next *ttlLease
	// outgrown are leases that were to be used next before: the key is on one of them
	// if that is where a put went whose outcome is not known.
	outgrown []*ttlLease
	// wanted is a lease that was asked for, and has not been granted as far as we know;
	// its TTL is 0 where there is none.
	wanted struct {
		id    clientv3.LeaseID
		ttl   time.Duration
		since time.Time
	}

	// doubted is the create revision of the key when its lease was given up: where the key is
	// made anew it was gone. 0 where there is no doubt.
	doubted int64

	rest rest
}

// ttlLease is a lease and the TTL that was asked for; the server may grant more.
type ttlLease struct {
	*etcd.Lease
	asked time.Duration
}

func (l *ttlLease) fits(ttl time.Duration) bool {
	return l != nil && l.asked == ttl && !l.IsLost()
}

func newPublisher(a *Agent) *publisher {
	return &publisher{agent: a, log: a.log, slot: newSlot(a.client, a.id, a.log)}
}

func (p *publisher) run(ctx context.Context) (err error) {
	defer func() { p.goodbye(ctx, err) }()
	check := time.NewTicker(checkEvery)
	defer check.Stop()
	var rested <-chan time.Time // nil but while the store is left alone
	for {
		newest, checks := p.agent.newest.full, check.C
		if rested != nil {
			newest, checks = nil, nil // a look is work for the store as well
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-rested:
			rested = nil
			check.Reset(checkEvery)
		case hb := <-newest:
			if err := p.deliver(ctx, hb); err != nil {
				return err
			}
			check.Reset(checkEvery)
			rested = after(p.rest.length)
		case <-p.lost():
			p.noticeLoss(ctx)
			rested = p.comeBack()
		case <-p.agent.config.vanished:
			rested = p.comeBack()
		case <-checks:
			if !p.slot.ours(ctx) {
				p.agent.newest.want()
			}
		}
	}
}

// lost is closed when the lease in use is lost; nil where there is none.
func (p *publisher) lost() <-chan struct{} {
	if p.using == nil {
		return nil
	}
	return p.using.Lost()
}

// comeBack asks for a sample that makes up for a heartbeat that is gone, and tells when it
// may be put.
func (p *publisher) comeBack() <-chan time.Time {
	p.agent.newest.want()
	return after(p.rest.comeBack(p.agent.Config().TTL))
}

// after is time.After, and nil for no time.
func after(d time.Duration) <-chan time.Time {
	if d == 0 {
		return nil
	}
	return time.After(d)
}

// deliver tries until hb, or a newer sample that came meanwhile, is in the store.
func (p *publisher) deliver(ctx context.Context, hb model.Heartbeat) error {
	delay := retryMin
	failing := false
	for {
		hb = p.letRenewal(ctx, hb)
		err := p.put(ctx, hb)
		var held *HeldError
		switch {
		case err == nil:
			if failing {
				p.log.Info("heartbeats arrive again", "seq", hb.Seq)
			}
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &held):
			return err
		case !failing:
			p.log.Warn("heartbeat not sent, trying on", "seq", hb.Seq, "err", err)
			failing = true
		}
		// A try that came too late is work for the store as well.
		if err := p.pause(ctx, max(delay, p.rest.length)); err != nil {
			return err
		}
		delay = min(2*delay, retryMax)
		hb = p.newer(hb)
	}
}

// pause waits between two tries, as after a put where the heartbeat is gone meanwhile. It
// returns ctx's error where that ends first.
func (p *publisher) pause(ctx context.Context, length time.Duration) error {
	over := time.After(length)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-over:
		return nil
	case <-p.lost():
	case <-p.agent.config.vanished:
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-over:
	case <-time.After(p.rest.comeBack(p.agent.Config().TTL)):
	}
	return nil
}

// newer is the newest sample, hb or one that came after it.
func (p *publisher) newer(hb model.Heartbeat) model.Heartbeat {
	select {
	case hb = <-p.agent.newest.full:
		p.agent.trace.dropped()
	default:
	}
	return hb
}

// letRenewal lets a renewal of the lease that is late go first: in an overloaded store
// it waits behind the fleet's puts, and what is at stake is to be shown Dead.
func (p *publisher) letRenewal(ctx context.Context, hb model.Heartbeat) model.Heartbeat {
	if p.using == nil {
		return hb
	}
	slow := p.rest.slow(p.using.asked)
	for {
		renewed := p.using.Renewed() // taken before the look, or one in between would be missed
		if p.using.Overdue() <= slow {
			return hb
		}
		select {
		case <-ctx.Done():
			return hb
		case <-p.lost():
		case <-renewed:
		}
		hb = p.newer(hb)
	}
}

// put writes hb on a lease of the TTL that it tells of.
func (p *publisher) put(ctx context.Context, hb model.Heartbeat) error {
	ttl := time.Duration(hb.TTL) * time.Second
	ctx, cancel := context.WithTimeout(ctx, max(callTimeout, p.rest.patience(ttl)))
	defer cancel()
	interval := model.Seconds(hb.Interval)
	began := time.Now()
	lease, err := p.leaseFor(ctx, ttl)
	if err != nil {
		took := time.Since(began)
		p.agent.trace.put(Put{Began: began, Took: took, Err: err})
		p.rest.after(took, interval, ttl, err, p.agent.client.AnotherAnswers())
		return err
	}
	value, err := json.Marshal(hb)
	if err != nil {
		return fmt.Errorf("encode heartbeat: %w", err)
	}
	began = time.Now()
	revision, err := p.slot.put(ctx, string(value), lease.ID())
	took := time.Since(began)
	p.agent.trace.put(Put{Began: began, Took: took, Revision: revision, Err: err})
	p.rest.after(took, interval, ttl, err, p.agent.client.AnotherAnswers())
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		lease.Ended()
	}
	if err != nil {
		return err
	}
	if p.doubted != 0 && p.doubted != p.slot.created {
		p.agent.trace.lost()
	}
	p.doubted = 0
	// Only now are the others free of the key.
	free := p.outgrown
	p.outgrown = nil
	if lease == p.next {
		free = append(free, p.using)
		p.using, p.next = p.next, nil
	}
	for _, old := range free {
		p.drop(ctx, old)
	}
	return nil
}

// noticeLoss gives up the lease in use if it is lost.
func (p *publisher) noticeLoss(ctx context.Context) {
	if p.using == nil || !p.using.IsLost() {
		return
	}
	p.log.Warn("lease lost", "lease", fmt.Sprintf("%x", int64(p.using.ID())), "given_up", p.using.GivenUp())
	if p.using.GivenUp() {
		p.doubted = p.slot.created
	} else {
		p.agent.trace.lost()
	}
	p.drop(ctx, p.using)
	p.using = nil
}

// leaseFor returns the lease in use if it fits, else one that is to be used next.
func (p *publisher) leaseFor(ctx context.Context, ttl time.Duration) (*ttlLease, error) {
	p.noticeLoss(ctx)
	if p.using.fits(ttl) {
		return p.using, nil
	}
	if p.next.fits(ttl) {
		return p.next, nil
	}
	if now := time.Now(); p.wanted.ttl != ttl || now.Sub(p.wanted.since) > ttl { // it may have ended by then
		p.wanted.id, p.wanted.ttl, p.wanted.since = etcd.NewLeaseID(), ttl, now
	}
	lease, err := p.agent.client.NewLeaseWithID(ctx, p.wanted.id, ttl)
	if err != nil {
		return nil, err
	}
	p.wanted.ttl = 0
	if p.next != nil {
		p.outgrown = append(p.outgrown, p.next)
	}
	p.next = &ttlLease{lease, ttl}
	return p.next, nil
}

// drop gives back a lease that is not needed any more, if there is one.
func (p *publisher) drop(ctx context.Context, lease *ttlLease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	p.giveBack(ctx, lease)
}

func (p *publisher) giveBack(ctx context.Context, lease *ttlLease) {
	if lease == nil {
		return
	}
	if err := lease.Close(ctx); err != nil {
		p.log.Debug("a lease is left to end by itself", "err", err)
	}
}

// goodbye tells the store that the host leaves in good order, unless the key
// went to another agent, and gives the leases back.
func (p *publisher) goodbye(ctx context.Context, end error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTimeout)
	defer cancel()
	var held *HeldError
	lease := p.using
	if lease == nil {
		lease = p.next // the first put may have arrived, and its answer not
	}
	if lease != nil && !errors.As(end, &held) {
		cfg := p.agent.Config()
		value, err := json.Marshal(model.Heartbeat{
			Status: model.StatusLeaving, TS: unixSeconds(time.Now()),
			Host: p.agent.id.Host, Owner: p.agent.id.Owner, Boot: p.agent.id.Boot, Version: p.agent.id.Version,
			Interval: cfg.Interval.Seconds(), TTL: int64(cfg.TTL / time.Second), ConfigRev: cfg.Revision,
		})
		if err == nil {
			_, err = p.slot.put(ctx, string(value), lease.ID())
		}
		if err != nil {
			p.log.Warn("left without a goodbye, the lease will end by itself", "err", err)
		}
	}
	for _, lease := range append(p.outgrown, p.using, p.next) {
		p.giveBack(ctx, lease)
	}
	if p.wanted.ttl != 0 {
		_, _ = p.agent.client.Revoke(ctx, p.wanted.id) // it may have been granted
	}
}
