package etcd

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// bound gives every unary call of cli a deadline where the caller set none. It
// sits outside the client's retries: a deadline inside of them would make the
// client repeat a write whose outcome is unknown.
func bound(cli *clientv3.Client, d time.Duration) {
	cli.KV = boundKV{cli.KV, d}
	cli.Lease = boundLease{cli.Lease, d}
	cli.Cluster = boundCluster{cli.Cluster, d}
	cli.Maintenance = boundMaintenance{cli.Maintenance, d}
}

func limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

type boundKV struct {
	clientv3.KV
	d time.Duration
}

func (b boundKV) Put(ctx context.Context, key, val string, opts ...clientv3.OpOption) (*clientv3.PutResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.KV.Put(ctx, key, val, opts...)
}

func (b boundKV) Get(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.KV.Get(ctx, key, opts...)
}

func (b boundKV) Delete(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.DeleteResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.KV.Delete(ctx, key, opts...)
}

func (b boundKV) Compact(ctx context.Context, rev int64, opts ...clientv3.CompactOption) (*clientv3.CompactResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.KV.Compact(ctx, rev, opts...)
}

func (b boundKV) Do(ctx context.Context, op clientv3.Op) (clientv3.OpResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.KV.Do(ctx, op)
}

func (b boundKV) Txn(ctx context.Context) clientv3.Txn {
	ctx, cancel := limit(ctx, b.d)
	return boundTxn{b.KV.Txn(ctx), cancel}
}

// boundTxn frees the deadline's timer when the txn is over.
type boundTxn struct {
	clientv3.Txn
	cancel context.CancelFunc
}

func (t boundTxn) If(cs ...clientv3.Cmp) clientv3.Txn { return boundTxn{t.Txn.If(cs...), t.cancel} }
func (t boundTxn) Then(ops ...clientv3.Op) clientv3.Txn {
	return boundTxn{t.Txn.Then(ops...), t.cancel}
}
func (t boundTxn) Else(ops ...clientv3.Op) clientv3.Txn {
	return boundTxn{t.Txn.Else(ops...), t.cancel}
}

func (t boundTxn) Commit() (*clientv3.TxnResponse, error) {
	defer t.cancel()
	return t.Txn.Commit()
}

type boundLease struct {
	clientv3.Lease
	d time.Duration
}

func (b boundLease) Grant(ctx context.Context, ttl int64) (*clientv3.LeaseGrantResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Lease.Grant(ctx, ttl)
}

func (b boundLease) Revoke(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseRevokeResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Lease.Revoke(ctx, id)
}

func (b boundLease) TimeToLive(ctx context.Context, id clientv3.LeaseID, opts ...clientv3.LeaseOption) (*clientv3.LeaseTimeToLiveResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Lease.TimeToLive(ctx, id, opts...)
}

func (b boundLease) Leases(ctx context.Context) (*clientv3.LeaseLeasesResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Lease.Leases(ctx)
}

func (b boundLease) KeepAliveOnce(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseKeepAliveResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Lease.KeepAliveOnce(ctx, id)
}

type boundCluster struct {
	clientv3.Cluster
	d time.Duration
}

func (b boundCluster) MemberList(ctx context.Context, opts ...clientv3.OpOption) (*clientv3.MemberListResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Cluster.MemberList(ctx, opts...)
}

type boundMaintenance struct {
	clientv3.Maintenance
	d time.Duration
}

func (b boundMaintenance) AlarmList(ctx context.Context) (*clientv3.AlarmResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Maintenance.AlarmList(ctx)
}

func (b boundMaintenance) Status(ctx context.Context, endpoint string) (*clientv3.StatusResponse, error) {
	ctx, cancel := limit(ctx, b.d)
	defer cancel()
	return b.Maintenance.Status(ctx, endpoint)
}
