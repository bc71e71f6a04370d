package drill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

const (
	// void is put where a write has not happened, so that it never will.
	void = "void"
	// readBackPage is how many keys are read in one txn; a server takes 128
	// operations by default.
	readBackPage = 100
	settlePause  = 50 * time.Millisecond
)

// settle finds out which of the writes with an unknown outcome have happened, and
// sees to it that the others never do. It returns every write of the probe that
// has happened, and those that voided the others.
func (p *probe) settle(ctx context.Context, pool *etcd.Pool) (happened []record, err error) {
	for _, a := range p.acks {
		happened = append(happened, a.record)
	}
	for _, w := range p.unknown {
		claimed, err := p.claim(ctx, pool, record{key: w.key, value: void})
		if err != nil {
			return nil, fmt.Errorf("settle the outcome of %q: %w", w.key, err)
		}
		happened = append(happened, claimed)
	}
	return happened, nil
}

// claim puts w where nothing is, or returns what is there. It may be repeated.
func (p *probe) claim(ctx context.Context, pool *etcd.Pool, w record) (record, error) {
	for {
		resp, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
			return p.putOnce(ctx, c, w)
		})
		if err == nil {
			if resp.Succeeded {
				w.revision = resp.Header.Revision
				return w, nil
			}
			kv := resp.Responses[0].GetResponseRange().Kvs[0]
			return record{string(kv.Key), string(kv.Value), kv.ModRevision}, nil
		}
		if _, ok := errors.AsType[*etcd.UnreachableError](err); !ok {
			return w, err
		}
		select {
		case <-ctx.Done():
			return w, err
		case <-time.After(settlePause):
		}
	}
}

// readBack reads writes through one member, each as of its own revision.
func readBack(ctx context.Context, through *etcd.Client, writes []record) (map[string]record, error) {
	found := make(map[string]record, len(writes))
	for len(writes) > 0 {
		page := writes[:min(readBackPage, len(writes))]
		writes = writes[len(page):]
		resp, err := through.Txn(ctx).Then(gets(page, true)...).Commit()
		if errors.Is(err, rpctypes.ErrCompacted) {
			// The keys are never written twice: what they hold now is what they held.
			resp, err = through.Txn(ctx).Then(gets(page, false)...).Commit()
		}
		if err != nil {
			return nil, fmt.Errorf("read writes back: %w", err)
		}
		for _, r := range resp.Responses {
			for _, kv := range r.GetResponseRange().Kvs {
				found[string(kv.Key)] = record{string(kv.Key), string(kv.Value), kv.ModRevision}
			}
		}
	}
	return found, nil
}

func gets(page []record, asOf bool) []clientv3.Op {
	ops := make([]clientv3.Op, len(page))
	for i, w := range page {
		if asOf {
			ops[i] = clientv3.OpGet(w.key, clientv3.WithRev(w.revision))
		} else {
			ops[i] = clientv3.OpGet(w.key)
		}
	}
	return ops
}
