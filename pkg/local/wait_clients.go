package local

import (
	"context"
	"net/http"
	"slices"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// launched are processes that were just started, and the store's revision before
// that.
type launched struct {
	records []*record
	since   int64
}

// stored reports whether what is in the store as of a revision is there by the
// present run of a process: not left behind by the run before.
func (l launched) stored(r *record, revision int64) bool {
	return !slices.Contains(l.records, r) || revision > l.since
}

// awaitClients waits until every agent has its heartbeat in etcd, every aggregator
// is ready and stands for election, and one of them leads.
func awaitClients(ctx context.Context, st *state, l launched, progress func(Step)) error {
	client, err := etcd.New(etcd.Config{Endpoints: st.endpoints(), CallTimeout: askTimeout})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := awaitHeartbeats(ctx, client, st.agents(), l, progress); err != nil {
		return err
	}
	if err := awaitReady(ctx, st.aggregators(), progress); err != nil {
		return err
	}
	return awaitElection(ctx, client, st.aggregators(), l, progress)
}

func awaitHeartbeats(ctx context.Context, client *etcd.Client, agents []*record, l launched, progress func(Step)) error {
	return pollAll(ctx, "wait for the agents' heartbeats", agents, progress, func() []*record {
		resp, err := client.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix())
		if err != nil {
			return agents
		}
		return silent(agents, l, resp)
	})
}

// silent returns the agents of which the answer holds no heartbeat that counts.
func silent(agents []*record, l launched, resp *clientv3.GetResponse) []*record {
	beats := make(map[string]int64) // by key: mod revision
	for _, kv := range resp.Kvs {
		if h, err := model.DecodeHeartbeat(kv.Value); err == nil && h.Status == model.StatusAlive {
			beats[string(kv.Key)] = kv.ModRevision
		}
	}
	var missing []*record
	for _, a := range agents {
		revision, ok := beats[keys.Heartbeat(a.Host)]
		if !ok || !l.stored(a, revision) {
			missing = append(missing, a)
		}
	}
	return missing
}

func awaitReady(ctx context.Context, aggregators []*record, progress func(Step)) error {
	missing := aggregators
	return pollAll(ctx, "wait for the aggregators", aggregators, progress, func() []*record {
		missing = slices.DeleteFunc(slices.Clone(missing), func(a *record) bool {
			status, err := httpStatus(ctx, a.httpURL()+"/readyz")
			return err == nil && status == http.StatusOK
		})
		return missing
	})
}

// awaitElection waits until every aggregator stands for election, and one leads
// that is not known to be dead.
func awaitElection(ctx context.Context, client *etcd.Client, aggregators []*record, l launched, progress func(Step)) error {
	return pollAll(ctx, "wait for the aggregators' election", aggregators, progress, func() []*record {
		resp, err := client.Get(ctx, keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix(),
			clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
		if err != nil {
			return aggregators
		}
		return unelected(aggregators, l, resp)
	})
}

// unelected returns the aggregators of which the answer, in the order of
// creation, holds no key; all of them as long as nobody who counts leads.
func unelected(aggregators []*record, l launched, resp *clientv3.GetResponse) []*record {
	missing := aggregators
	for i, kv := range resp.Kvs {
		name, ok := l.candidate(aggregators, kv)
		switch {
		case ok:
			missing = slices.DeleteFunc(slices.Clone(missing), func(a *record) bool { return a.Name == name })
		case i == 0:
			return aggregators
		}
	}
	return missing
}

// candidate returns the name under a candidate's key; false if it does not count:
// an aggregator's run before has left it behind, and the others are yet to find
// out that it is dead.
func (l launched) candidate(aggregators []*record, kv *mvccpb.KeyValue) (string, bool) {
	c, err := model.DecodeAggregator(kv.Value)
	if err != nil {
		return "", false
	}
	i := slices.IndexFunc(aggregators, func(a *record) bool { return a.Name == c.Name })
	return c.Name, i < 0 || l.stored(aggregators[i], kv.CreateRevision)
}
