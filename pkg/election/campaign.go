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

const (
	// A candidate that is not seen in line gives Campaign up after this time, and
	// campaigns again: at first soon, then as late as a slow store needs.
	patienceMin = 250 * time.Millisecond
	patienceMax = 4 * time.Second

	pauseMin = 20 * time.Millisecond
	pauseMax = 200 * time.Millisecond

	// readTimeout bounds the look at the line after Campaign.
	readTimeout = 4 * time.Second
	// A campaign that went well for so long says nothing of the next one's pauses.
	settled = 2 * patienceMax
)

// errStuck tells that a campaign waits for what will not come: it did not notice
// that it has won (the member that its watch is on may hang), or that its key is
// gone, or its key was never put (a raft leader that died took the txn along).
var errStuck = errors.New("the campaign waits, and does not stand in line")

// errPhantom tells that Campaign returned to a candidate that does not lead.
var errPhantom = errors.New("the campaign ended, and another candidate leads, or none")

// campaign waits in line until this candidate leads, and returns its token. It
// keeps its place over failures of the store that pass. It returns an error when
// ctx or the lease ends.
func (c *candidacy) campaign(ctx context.Context) (int64, error) {
	pause, patience := pauseMin, patienceMin
	for {
		began := time.Now()
		token, err := c.attempt(ctx, patience)
		if err == nil {
			err = c.leads(ctx, token)
		}
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		c.log.Debug("campaigns again", "key", c.key, "err", err)
		if time.Since(began) > settled {
			pause, patience = pauseMin, patienceMin
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(pause):
		}
		pause, patience = min(2*pause, pauseMax), min(2*patience, patienceMax)
	}
}

// attempt is one Campaign. It returns the create revision of the key.
func (c *candidacy) attempt(ctx context.Context, patience time.Duration) (int64, error) {
	// Campaign deletes its key when its context is cancelled, on the context of the
	// session's client. With that context ended first, the key stays: whether the
	// candidate keeps its place is decided here, and no call outlives ctx.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	session, err := concurrency.NewSession(c.client.Within(ctx), concurrency.WithLease(c.lease.ID()), concurrency.WithContext(ctx))
	if err != nil {
		return 0, fmt.Errorf("make a session: %w", err)
	}
	defer session.Orphan()
	stop := context.AfterFunc(session.Ctx(), func() { cancel(errExpired) }) //nolint:contextcheck // the session's is made of ctx
	defer stop()
	defer c.seen.unlessInLine(c.key, patience, func() { cancel(errStuck) })()

	election := concurrency.NewElection(session, keys.Election(c.name))
	err = election.Campaign(clientv3.WithRequireLeader(ctx), string(c.value))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("campaign: %w", err)
	}
	return election.Rev(), nil
}

// leads makes sure that this candidate leads: Campaign also returns to a candidate
// whose key is gone (etcd#19597).
func (c *candidacy) leads(ctx context.Context, token int64) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	resp, err := c.client.Get(ctx, keys.Candidates(c.name), clientv3.WithFirstCreate()...)
	if err != nil {
		return fmt.Errorf("read who leads: %w", err)
	}
	if len(resp.Kvs) == 0 || string(resp.Kvs[0].Key) != c.key || resp.Kvs[0].CreateRevision != token {
		return errPhantom
	}
	return nil
}
