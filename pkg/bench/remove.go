package bench

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/roster"
)

// removePrefixes deletes every key under some prefixes in one txn.
func removePrefixes(ctx context.Context, pool *etcd.Pool, prefixes ...string) error {
	var ops []clientv3.Op
	for _, prefix := range prefixes {
		ops = append(ops, clientv3.OpDelete(prefix, clientv3.WithPrefix()))
	}
	_, err := pool.Commit(ctx, func(t clientv3.Txn) (*clientv3.TxnResponse, error) { return t.Then(ops...).Commit() })
	if err != nil {
		return fmt.Errorf("remove the keys under %q: %w", prefixes, err)
	}
	return nil
}

// removeKeys removes what the fleet has left in the store: what agents that could
// not say goodbye held, and the configs.
func (f *fleet) removeKeys(ctx context.Context, pool *etcd.Pool) error {
	err := removePrefixes(ctx, pool, keys.Heartbeat(hostPrefix(f.id)), keys.Config(hostPrefix(f.id)))
	if f.configs != nil {
		err = errors.Join(err, f.configs.Close(ctx))
	}
	return err
}

const (
	rosterPause   = 200 * time.Millisecond
	forgetsAtOnce = 50
)

// simulatedHost is the name of a host of any run.
var simulatedHost = regexp.MustCompile(`^` + hostPrefix(`[a-z2-7]{6}`) + `\d{5}$`)

// forget drops the run's hosts from what the aggregators remember, once they have
// taken in that the hosts have left; with them those of runs that were killed. It
// returns how many it has dropped.
func (f *fleet) forget(ctx context.Context, pool *etcd.Pool) (int, error) {
	records, err := f.awaitRoster(ctx, pool)
	if err != nil && len(records) == 0 {
		return 0, err
	}
	var forgotten atomic.Int64
	forgetting, ctx := errgroup.WithContext(ctx)
	forgetting.SetLimit(forgetsAtOnce)
	for _, r := range records {
		forgetting.Go(func() error {
			err := roster.Forget(ctx, pool, r)
			if _, reports := errors.AsType[*roster.ConflictError](err); reports {
				return nil // of another run, which is under way
			}
			if err == nil {
				forgotten.Add(1)
			}
			return err
		})
	}
	err = errors.Join(err, forgetting.Wait())
	return int(forgotten.Load()), err
}

// awaitRoster waits until the roster has every agent that has reported, as gone,
// and returns the records of those hosts that are. Where no aggregator is there to
// remember anything it does not wait.
func (f *fleet) awaitRoster(ctx context.Context, pool *etcd.Pool) ([]roster.Record, error) {
	for {
		remembered, aggregators, err := readRoster(ctx, pool)
		if err != nil {
			return nil, err
		}
		var gone []roster.Record
		ours := 0
		for _, r := range remembered {
			if r.Entry != nil && r.Entry.State == model.NodeAlive {
				continue
			}
			gone = append(gone, r)
			if f.byHost[r.Host] != nil {
				ours++
			}
		}
		if !aggregators || ours >= f.reported() {
			return gone, nil
		}
		select {
		case <-ctx.Done():
			return gone, fmt.Errorf("wait for the aggregators to see that the agents have left (%d of %d): %w", ours, f.reported(), ctx.Err())
		case <-time.After(rosterPause):
		}
	}
}

// readRoster reads what is remembered of simulated hosts, and whether there are
// aggregators.
func readRoster(ctx context.Context, pool *etcd.Pool) (list []roster.Record, aggregators bool, err error) {
	resp, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).Then(
			clientv3.OpGet(keys.Roster(hostsPrefix), clientv3.WithPrefix()),
			clientv3.OpGet(keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix(), clientv3.WithCountOnly()),
		).Commit()
	})
	if err != nil {
		return nil, false, fmt.Errorf("list the roster: %w", err)
	}
	for _, kv := range resp.Responses[0].GetResponseRange().Kvs {
		host, err := keys.RosterHost(string(kv.Key))
		if err != nil || !simulatedHost.MatchString(host) {
			continue
		}
		r := roster.Record{Host: host, Revision: kv.ModRevision}
		r.Entry, _ = model.DecodeRosterEntry(kv.Value) // an entry that cannot be read is none of a host that lives
		list = append(list, r)
	}
	return list, resp.Responses[1].GetResponseRange().Count > 0, nil
}
