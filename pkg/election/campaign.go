package election

import (
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// stuckAfter is how long Campaign may go on waiting although the observer sees the
// own key in the first place: the member that its watch is on may hang.
const stuckAfter = 250 * time.Millisecond

// errStuck tells that a campaign did not notice that it has won.
var errStuck = errors.New("the campaign did not notice that it has won")

// campaign waits in line until this candidate leads, and returns its token. It
// keeps its place over failures of the store that pass. It returns an error when
// ctx or the lease ends.
func (c *candidacy) campaign(ctx context.Context) (int64, error) {
	for pause := pauseMin; ; pause = min(2*pause, pauseMax) {
		err := c.attempt(ctx)
		if err == nil {
			var token int64
			if token, err = c.won(ctx); err == nil {
				return token, nil
			}
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if !errors.Is(err, errStuck) {
			c.log.Info("campaigns again", "err", err)
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// attempt is one Campaign.
func (c *candidacy) attempt(ctx context.Context) error {
	// Campaign deletes its key when its context is cancelled, on the context of the
	// session's client. With that context ended first, the key stays: whether the
	// candidate keeps its place is decided here, and no call outlives ctx.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := clientv3.NewCtxClient(ctx) // never to be closed: what it has is shared
	client.KV, client.Watcher, client.Lease = c.client.KV, c.client.Watcher, c.client.Lease
	session, err := concurrency.NewSession(client, concurrency.WithLease(c.lease.ID()), concurrency.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("make a session: %w", err)
	}
	defer session.Orphan()
	stop := context.AfterFunc(session.Ctx(), func() { cancel(errExpired) })
	defer stop()
	defer c.seen.whenFirst(c.key, stuckAfter, func() { cancel(errStuck) })()

	err = concurrency.NewElection(session, keys.Election(c.name)).Campaign(clientv3.WithRequireLeader(ctx), string(c.value))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	return nil
}

// won makes sure that this candidate leads: Campaign also returns to a candidate
// whose key is gone (etcd#19597).
func (c *candidacy) won(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptMax)
	defer cancel()
	resp, err := c.client.Get(ctx, keys.Candidates(c.name), clientv3.WithFirstCreate()...)
	if err != nil {
		return 0, fmt.Errorf("read who leads: %w", err)
	}
	if len(resp.Kvs) == 0 || string(resp.Kvs[0].Key) != c.key {
		return 0, errPhantom
	}
	return resp.Kvs[0].CreateRevision, nil
}

// errPhantom tells that Campaign returned to a candidate that does not lead.
var errPhantom = errors.New("the campaign ended, and another candidate leads, or none")
