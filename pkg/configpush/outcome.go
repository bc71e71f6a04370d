package configpush

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// attemptTimeout is how long one member may take over a push before another one
// is asked; settleTimeout, how long the outcome of a push is looked for, also
// after an interrupt.
const (
	attemptTimeout = 2 * time.Second
	settleTimeout  = time.Second
)

// unsettledError tells that a txn ended with an error and may have happened.
type unsettledError struct {
	err error
	// late tells that it may even happen later: an attempt may be under way.
	late bool
}

func (e *unsettledError) Error() string { return etcd.Reason(e.err) }
func (e *unsettledError) Unwrap() error { return e.err }

// commit makes a txn that is safe to make again: if an attempt whose answer was
// lost has happened, its compares fail, and the log entry tells whose it is. A
// late first attempt fails on the compares likewise. An error other than an
// *unsettledError says that nothing was written.
func (s *Store) commit(ctx context.Context, op *operation) (*clientv3.TxnResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // the client could not tell that it has sent nothing
	}
	members := len(s.Pool.Clients())
	var failures []etcd.EndpointError
	unsettled, late := false, false
	for n := range 2 * members {
		client := s.Pool.After(n)
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		resp, err := op.commit(client.Txn(attempt))
		cancel()
		if err == nil {
			return resp, nil
		}
		class := etcd.Classify(err)
		unanswered := class == etcd.ClassUnreachable || class == etcd.ClassNoQuorum
		if etcd.OutcomeUnknown(err) {
			unsettled = true
			late = late || unanswered || class == etcd.ClassInterrupted
		}
		if !unanswered && !unsettled {
			return nil, err
		}
		failures = append(failures, etcd.EndpointError{Endpoint: client.Endpoint(), Err: err})
		if !unanswered || ctx.Err() != nil {
			break
		}
	}
	if unsettled {
		return nil, &unsettledError{failures[len(failures)-1].Err, late}
	}
	return nil, &etcd.UnreachableError{Failures: failures[max(0, len(failures)-members):]}
}

// settle finds out what became of a push that ended with an error.
func (s *Store) settle(ctx context.Context, p *Plan, op *operation, cause error) (*Result, error) {
	host := op.hosts[0]
	var unsettled *unsettledError
	if !errors.As(cause, &unsettled) {
		if errors.Is(rpctypes.Error(cause), rpctypes.ErrTooManyOps) {
			return nil, &TooManyError{Hosts: len(op.hosts), ByServer: true}
		}
		return nil, fmt.Errorf("push config %q: nothing written: %w", host, cause)
	}
	// Also after Ctrl-C: whoever interrupted it wants to know.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	log, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, op.firstLog)
	})
	if err != nil {
		return nil, &UnknownOutcomeError{ID: op.id, Host: host, Err: unsettled}
	}
	switch rev := op.written(log.Kvs); {
	case rev != 0:
		return op.result(rev), nil
	case len(log.Kvs) > 0: // another push's entry, which a late attempt fails on
		return nil, s.conflict(ctx, p, host)
	case unsettled.late:
		return nil, &UnknownOutcomeError{ID: op.id, Host: host, Err: unsettled}
	}
	return nil, fmt.Errorf("push config %q: nothing written: %w", host, unsettled.err)
}
