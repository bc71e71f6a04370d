package election

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// renewals is how many times a lease is renewed within its TTL. None waits for the
// one before, which may be with a member that hangs: the balancer sends the next
// ones to others in time.
const renewals = 10

// renew renews a lease, and moves the deadline with every success, until ctx ends
// or the lease does (errExpired). The session renews the lease too, but does not
// tell when it sent what was answered: a deadline needs that.
func renew(ctx context.Context, client *etcd.Client, lease *etcd.Lease, d *deadline) error {
	var calls sync.WaitGroup
	defer calls.Wait()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	tick := time.NewTicker(lease.TTL() / renewals)
	defer tick.Stop()
	for {
		calls.Go(func() {
			if err := renewOnce(ctx, client, lease, d); errors.Is(err, rpctypes.ErrLeaseNotFound) {
				end(errExpired)
			}
		})
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-lease.Lost():
			return errExpired
		case <-tick.C:
		}
	}
}

func renewOnce(ctx context.Context, client *etcd.Client, lease *etcd.Lease, d *deadline) error {
	ctx, cancel := context.WithTimeout(ctx, lease.TTL()/2)
	defer cancel()
	sent := time.Now()
	_, err := client.KeepAliveOnce(ctx, lease.ID())
	if err == nil {
		d.extend(sent, lease.TTL())
	}
	return err
}
