package election

import (
	"context"
	"errors"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// ErrDeposed tells that a term is over: what was to be written is not.
var ErrDeposed = errors.New("does not lead any more")

// Term is one leadership.
type Term struct {
	client *etcd.Client
	key    string
	token  int64
	clock  *deadline
	end    context.CancelCauseFunc
}

// Key is the leader's key.
func (t *Term) Key() string { return t.key }

// Token is the create revision of the leader's key. It grows with every term.
func (t *Term) Token() int64 { return t.token }

// Valid reports whether the leader may go on by its own clock: its lease was
// renewed lately. It saves a paused leader the work; what refuses its writes is
// the fence.
func (t *Term) Valid() bool { return t.clock.ahead() }

// Commit makes one txn that changes nothing once the term is over; the error is
// ErrDeposed then. Where only cmps fail, the response has Succeeded false, and the
// answers to orElse. A txn whose answer was lost is not repeated: the error says
// so (etcd.OutcomeUnknown).
func (t *Term) Commit(ctx context.Context, cmps []clientv3.Cmp, ops, orElse []clientv3.Op) (*clientv3.TxnResponse, error) {
	if !t.Valid() {
		t.end(errSilent)
		return nil, fmt.Errorf("commit: %w: %w", ErrDeposed, errSilent)
	}
	fence := clientv3.Compare(clientv3.CreateRevision(t.key), "=", t.token)
	resp, err := t.client.Txn(ctx).
		If(append([]clientv3.Cmp{fence}, cmps...)...).
		Then(ops...).
		Else(append([]clientv3.Op{clientv3.OpGet(t.key)}, orElse...)...).
		Commit()
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	if resp.Succeeded {
		return resp, nil
	}
	own := resp.Responses[0].GetResponseRange().Kvs
	if len(own) == 0 || own[0].CreateRevision != t.token {
		t.end(errKeyGone)
		return nil, fmt.Errorf("commit: %w: %w", ErrDeposed, errKeyGone)
	}
	resp.Responses = resp.Responses[1:]
	return resp, nil
}

// The ends of a term, besides that of its owner.
var (
	errSilent  = errors.New("the lease could not be renewed in time")
	errExpired = errors.New("the lease ended")
	errKeyGone = errors.New("the key is gone")
)
