package election

import (
	"context"
	"sync"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// renewals is how many times a lease is renewed within its TTL. None waits for the
// one before, which may be with a member that hangs: the balancer sends the next
// ones to others in time.
const renewals = 10

// renew renews a lease, and moves the deadline with every success, until ctx ends
// or the lease does (errExpired). The lease's stream renews it too, but does not
// tell when it sent what was answered: a deadline needs that.
func renew(ctx context.Context, lease *etcd.Lease, d *deadline) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tick := time.NewTicker(lease.TTL() / renewals)
	defer tick.Stop()
	for {
		calls.Go(func() { renewOnce(ctx, lease, d) })
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-lease.Lost():
			return errExpired
		case <-tick.C:
		}
	}
}

func renewOnce(ctx context.Context, lease *etcd.Lease, d *deadline) {
	ctx, cancel := context.WithTimeout(ctx, lease.TTL()/2)
	defer cancel()
	sent := time.Now()
	if lease.RenewOnce(ctx) == nil {
		d.extend(sent, lease.TTL())
	}
}
