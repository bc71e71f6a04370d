package roster

import (
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// ConflictError tells that a node is not as it was when it was looked up, and that
// its entry stays.
type ConflictError struct {
	Host    string
	Reports bool // it has a heartbeat now; else its entry has changed
}

func (e *ConflictError) Error() string {
	if e.Reports {
		return fmt.Sprintf("forget node %q: its agent reports again", e.Host)
	}
	return fmt.Sprintf("forget node %q: what is remembered of it has changed since it was read", e.Host)
}

// settleTimeout is how long the outcome is looked for, also after an interrupt.
const settleTimeout = time.Second

// Forget removes the roster entry of a node, and nothing else, if it is still the
// one of the record and the node does not report; else the error is a
// *ConflictError. An entry that is gone by now is no error. An
// *etcd.UnsettledError tells that it may be gone or not; any other error, that
// nothing was written.
func Forget(ctx context.Context, pool *etcd.Pool, r Record) error {
	resp, err := pool.Commit(ctx, func(t clientv3.Txn) (*clientv3.TxnResponse, error) {
		return t.If(
			clientv3.Compare(clientv3.ModRevision(keys.Roster(r.Host)), "=", r.Revision),
			clientv3.Compare(clientv3.CreateRevision(keys.Heartbeat(r.Host)), "=", 0),
		).Then(clientv3.OpDelete(keys.Roster(r.Host))).Else(lookUp(r.Host)...).Commit()
	})
	if err != nil {
		return settle(ctx, pool, r, err)
	}
	if resp.Succeeded {
		return nil
	}
	if now := record(r.Host, resp.Responses); now.Revision != 0 {
		return &ConflictError{Host: r.Host, Reports: now.Reports}
	}
	return nil // it is gone: by an attempt before whose answer was lost, or by somebody else
}

// settle finds out what became of a txn that ended with an error.
func settle(ctx context.Context, pool *etcd.Pool, r Record, cause error) error {
	unsettled, ok := errors.AsType[*etcd.UnsettledError](cause)
	if !ok {
		return fmt.Errorf("forget node %q: nothing written: %w", r.Host, cause)
	}
	// Also after Ctrl-C: whoever interrupted it wants to know.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	found, err := Find(ctx, pool, []string{r.Host})
	switch {
	case err == nil && found[0].Revision == 0:
		return nil
	case err == nil && found[0].Revision != r.Revision: // a late attempt fails on it
		return &ConflictError{Host: r.Host, Reports: found[0].Reports}
	case err == nil && !unsettled.Late:
		return fmt.Errorf("forget node %q: nothing written: %w", r.Host, unsettled.Err)
	}
	return fmt.Errorf("forget node %q: it may be forgotten or not: %w", r.Host, unsettled)
}
