package roster

import (
	"context"
	"fmt"
	"slices"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Record is what the store has on a node.
type Record struct {
	Host     string
	Revision int64              // mod revision of its roster entry; 0 if it has none
	Entry    *model.RosterEntry // nil if there is none, or none that can be read
	Reports  bool               // there is a heartbeat
	Config   bool               // it has a config of its own
}

// readsPerHost is how many operations it takes to look one host up; hostsPerTxn
// keeps a txn below the 128 that a server allows by default.
const (
	readsPerHost = 3
	hostsPerTxn  = 128 / readsPerHost
)

// Find looks hosts up, in their order; those of one in 42 as of one revision.
func Find(ctx context.Context, pool *etcd.Pool, hosts []string) ([]Record, error) {
	var found []Record
	for chunk := range slices.Chunk(hosts, hostsPerTxn) {
		var ops []clientv3.Op
		for _, host := range chunk {
			ops = append(ops, lookUp(host)...)
		}
		resp, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
			return c.Txn(ctx).Then(ops...).Commit()
		})
		if err != nil {
			return nil, fmt.Errorf("look up node %q: %w", chunk[0], err)
		}
		for i, host := range chunk {
			found = append(found, record(host, resp.Responses[i*readsPerHost:][:readsPerHost]))
		}
	}
	return found, nil
}

func lookUp(host string) []clientv3.Op {
	return []clientv3.Op{
		clientv3.OpGet(keys.Roster(host)),
		clientv3.OpGet(keys.Heartbeat(host), clientv3.WithCountOnly()),
		clientv3.OpGet(keys.Config(host), clientv3.WithCountOnly()),
	}
}

func record(host string, answers []*etcdserverpb.ResponseOp) Record {
	r := Record{
		Host:    host,
		Reports: answers[1].GetResponseRange().Count > 0,
		Config:  answers[2].GetResponseRange().Count > 0,
	}
	for _, kv := range answers[0].GetResponseRange().Kvs {
		r.Revision = kv.ModRevision
		r.Entry, _ = model.DecodeRosterEntry(kv.Value)
	}
	return r
}

// Hosts lists the hosts that the roster has, sorted.
func Hosts(ctx context.Context, pool *etcd.Pool) ([]string, error) {
	resp, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, keys.HostPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	})
	if err != nil {
		return nil, fmt.Errorf("list the roster: %w", err)
	}
	var hosts []string
	for _, kv := range resp.Kvs {
		if host, err := keys.RosterHost(string(kv.Key)); err == nil {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}
