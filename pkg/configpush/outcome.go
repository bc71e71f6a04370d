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

// settleTimeout is how long the outcome of a push is looked for, also after an
// interrupt.
const settleTimeout = time.Second

// settle finds out what became of a push that ended with an error.
func (s *Store) settle(ctx context.Context, p *Plan, op *operation, cause error) (*Result, error) {
	host := op.hosts[0]
	unsettled, ok := errors.AsType[*etcd.UnsettledError](cause)
	if !ok {
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
	case unsettled.Late:
		return nil, &UnknownOutcomeError{ID: op.id, Host: host, Err: unsettled}
	}
	return nil, fmt.Errorf("push config %q: nothing written: %w", host, unsettled.Err)
}
