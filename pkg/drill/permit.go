package drill

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// permitTTL is how long a drill that was killed keeps others out. The lease outlives
// an election: a new leader gives every lease its full time again.
const permitTTL = 15 * time.Second

// permit is the right to end leaders of a cluster, which one drill has at a time: a
// key on a lease.
type permit struct {
	client *etcd.Client
	lease  *etcd.Lease
	token  int64 // the create revision of the key
}

// takePermit takes the right; a *RefusedError if another drill has it.
func takePermit(ctx context.Context, client *etcd.Client, holder string) (*permit, error) {
	lease, err := client.NewLease(ctx, permitTTL)
	if err != nil {
		return nil, fmt.Errorf("take the right to drill: %w", err)
	}
	p := &permit{client: client, lease: lease}
	resp, err := client.Txn(ctx).
		If(clientv3.Compare(clientv3.CreateRevision(keys.DrillPermit()), "=", 0)).
		Then(clientv3.OpPut(keys.DrillPermit(), holder, clientv3.WithLease(lease.ID()))).
		Else(clientv3.OpGet(keys.DrillPermit())).
		Commit()
	if err != nil {
		p.release(ctx)
		return nil, fmt.Errorf("take the right to drill: %w", err)
	}
	if !resp.Succeeded {
		p.release(ctx)
		return nil, &RefusedError{fmt.Sprintf("another drill is at work on this cluster, %s; if it was killed, others may drill %.0f s after that",
			resp.Responses[0].GetResponseRange().Kvs[0].Value, permitTTL.Seconds())}
	}
	p.token = resp.Header.Revision
	return p, nil
}

// check refuses where the right is lost: a drill that was suspended for long must
// not end a leader beside another one.
func (p *permit) check(ctx context.Context) error {
	if p == nil {
		return nil
	}
	resp, err := p.client.Get(ctx, keys.DrillPermit())
	if err != nil {
		return fmt.Errorf("look whether the right to drill is still there: %w", err)
	}
	if len(resp.Kvs) == 0 || resp.Kvs[0].CreateRevision != p.token {
		return &RefusedError{"this drill stood still for so long that another one may be at work"}
	}
	return nil
}

// release gives the right back, or else leaves that to the lease.
func (p *permit) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	_ = p.lease.Close(ctx)
}
