package etcd

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// attemptTimeout is how long one member may take over a txn before another one
// is asked.
const attemptTimeout = 2 * time.Second

// UnsettledError tells that a txn ended with an error and may have happened.
type UnsettledError struct {
	Err error
	// Late tells that it may even happen later: an attempt may be under way.
	Late bool
}

func (e *UnsettledError) Error() string { return Reason(e.Err) }

// Unwrap returns the error of the last attempt.
func (e *UnsettledError) Unwrap() error { return e.Err }

// Commit makes a txn, at one member after the other until one answers. It must be
// safe to make again: if an attempt whose answer was lost has happened, its
// compares must fail, also those of a late first attempt, and its else branch
// tell. An error other than an *UnsettledError says that nothing was written.
func (p *Pool) Commit(ctx context.Context, commit func(clientv3.Txn) (*clientv3.TxnResponse, error)) (*clientv3.TxnResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // the client could not tell that it has sent nothing
	}
	members := len(p.clients)
	var failures []EndpointError
	unsettled, late := false, false
	for n := range 2 * members {
		client := p.after(n)
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		resp, err := commit(client.Txn(attempt))
		cancel()
		if err == nil {
			return resp, nil
		}
		class := Classify(err)
		unanswered := class == ClassUnreachable || class == ClassNoQuorum
		if OutcomeUnknown(err) {
			unsettled = true
			late = late || unanswered || class == ClassInterrupted
		}
		if !unanswered && !unsettled {
			return nil, err
		}
		failures = append(failures, EndpointError{client.Endpoint(), err})
		if !unanswered || ctx.Err() != nil {
			break
		}
	}
	if unsettled {
		return nil, &UnsettledError{failures[len(failures)-1].Err, late}
	}
	return nil, &UnreachableError{Failures: failures[max(0, len(failures)-members):]}
}
