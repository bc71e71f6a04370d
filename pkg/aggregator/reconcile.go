package aggregator

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// reconcile compares the roster with the heartbeats that are there at a revision,
// where the history in between is not to be had. It returns what follows in the
// order of the hosts' names.
func (r *reducer) reconcile(heartbeats []*mvccpb.KeyValue, revision int64) []outcome {
	changes := make(map[string]etcd.Change, len(heartbeats))
	for host, e := range r.roster {
		if e.State == model.NodeAlive {
			changes[host] = etcd.Change{Key: keys.Heartbeat(host), Revision: revision}
		}
	}
	for _, kv := range heartbeats {
		if host, err := keys.HeartbeatHost(string(kv.Key)); err == nil {
			changes[host] = etcd.Change{Key: string(kv.Key), KV: kv, Revision: revision}
		}
	}
	var outcomes []outcome
	for _, host := range slices.Sorted(maps.Keys(changes)) {
		// The roster's own revision does not count: of a store that was set back it
		// may be ahead.
		if o, ok := r.settle(host, r.roster[host].RosterEntry, changes[host]); ok {
			outcomes = append(outcomes, o)
		}
	}
	return outcomes
}

// forgetOthers drops the hosts whose roster keys are gone at a revision.
func (r *reducer) forgetOthers(remembered []*mvccpb.KeyValue, revision int64) {
	there := make(map[string]bool, len(remembered))
	for _, kv := range remembered {
		there[string(kv.Key)] = true
	}
	for host, e := range r.roster {
		if e.stored > 0 && !there[keys.Roster(host)] {
			r.forget(host, revision)
		}
	}
}

// list reads all heartbeats and the keys of the roster as of one revision.
func list(ctx context.Context, client *etcd.Client) (heartbeats, remembered []*mvccpb.KeyValue, revision int64, err error) {
	resp, err := client.Txn(ctx).Then(
		clientv3.OpGet(keys.HeartbeatPrefix, clientv3.WithPrefix()),
		clientv3.OpGet(keys.HostPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly()),
	).Commit()
	if err != nil {
		return nil, nil, 0, fmt.Errorf("list %s and %s: %w", keys.HeartbeatPrefix, keys.HostPrefix, err)
	}
	return resp.Responses[0].GetResponseRange().Kvs, resp.Responses[1].GetResponseRange().Kvs, resp.Header.Revision, nil
}
