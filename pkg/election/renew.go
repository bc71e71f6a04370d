package election

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// renewals is how many times a lease is renewed within its TTL.
const renewals = 5

// renew renews a lease, and moves the deadline with every success, until ctx ends
// or the lease does (errExpired). The session renews the lease too, but does not
// tell when it sent what was answered: a deadline needs that.
func renew(ctx context.Context, client *etcd.Client, lease *etcd.Lease, d *deadline) error {
	tick := time.NewTicker(lease.TTL() / renewals)
	defer tick.Stop()
	for {
		sent := time.Now()
		// Short enough for a second member to be asked in time.
		once, cancel := context.WithTimeout(ctx, lease.TTL()/renewals)
		_, err := client.KeepAliveOnce(once, lease.ID())
		cancel()
		switch {
		case err == nil:
			d.extend(sent, lease.TTL())
		case errors.Is(err, rpctypes.ErrLeaseNotFound):
			return errExpired
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-lease.Lost():
			return errExpired
		case <-tick.C:
		}
	}
}
