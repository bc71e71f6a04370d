package aggregator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// fleet makes heartbeats come, change and go. Whether a write has happened is not
// asked: the history tells.
type fleet struct {
	client  *etcd.Client
	rng     *rand.Rand
	retired []string // hosts that died for good, to be forgotten
	count   int
}

const (
	fleetHosts = 30
	bulkHosts  = 120 // more than one txn of the leader holds
)

func heartbeat(status string, configRev int64, problem string) string {
	return fmt.Sprintf(`{"status":%q,"ts":1763690000.5,"config_rev":%d,"config_error":%q}`, status, configRev, problem)
}

// run goes on until ctx ends.
func (f *fleet) run(ctx context.Context) {
	for ctx.Err() == nil {
		f.step(ctx)
		f.count++
		time.Sleep(time.Duration(f.rng.IntN(8)) * time.Millisecond)
	}
}

func (f *fleet) do(ctx context.Context, ops ...clientv3.Op) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, _ = f.client.Txn(ctx).Then(ops...).Commit()
}

func (f *fleet) step(ctx context.Context) {
	key := keys.Heartbeat(fmt.Sprintf("node-%d", f.rng.IntN(fleetHosts)))
	switch n := f.rng.IntN(100); {
	case n < 55:
		f.do(ctx, clientv3.OpPut(key, heartbeat("alive", 1, "")))
	case n < 70:
		f.do(ctx, clientv3.OpDelete(key))
	case n < 78:
		f.do(ctx, clientv3.OpPut(key, heartbeat("leaving", 1, "")))
	case n < 92:
		f.do(ctx, clientv3.OpPut(key, heartbeat("alive", int64(f.rng.IntN(4)), []string{"", "bad", "worse"}[f.rng.IntN(3)])))
	case n < 94:
		f.do(ctx, clientv3.OpPut(key, []string{"", "{", "null", `{"status":"dead","ts":1}`, "\xff\x00"}[f.rng.IntN(5)]))
	case n < 95:
		f.do(ctx, clientv3.OpPut(keys.HeartbeatPrefix+"Not/a host", heartbeat("alive", 1, "")))
	case n < 97:
		f.bulk(ctx)
	case n < 98:
		host := fmt.Sprintf("retired-%d", f.count)
		f.do(ctx, clientv3.OpPut(keys.Heartbeat(host), heartbeat("alive", 1, "")))
		f.do(ctx, clientv3.OpDelete(keys.Heartbeat(host)))
		f.retired = append(f.retired, host)
	default:
		f.forget(ctx)
	}
}

// bulk changes many hosts at one revision.
func (f *fleet) bulk(ctx context.Context) {
	remove := f.rng.IntN(2) == 0
	var ops []clientv3.Op
	for i := range bulkHosts {
		key := keys.Heartbeat(fmt.Sprintf("bulk-%d", i))
		if remove {
			ops = append(ops, clientv3.OpDelete(key))
		} else {
			ops = append(ops, clientv3.OpPut(key, heartbeat("alive", 1, "")))
		}
	}
	f.do(ctx, ops...)
}

// forget removes a host that the roster says is dead, as the command does.
func (f *fleet) forget(ctx context.Context) {
	if len(f.retired) == 0 {
		return
	}
	host := f.retired[0]
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	resp, err := f.client.Get(ctx, keys.Roster(host))
	if err != nil || len(resp.Kvs) == 0 {
		return
	}
	entry, err := model.DecodeRosterEntry(resp.Kvs[0].Value)
	if err != nil || entry.State != model.NodeDead {
		return
	}
	_, err = f.client.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(keys.Roster(host)), "=", resp.Kvs[0].ModRevision)).
		Then(clientv3.OpDelete(keys.Roster(host))).Commit()
	if err == nil {
		f.retired = f.retired[1:]
	}
}
