package status

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// aggregator reads who leads the aggregators, and nothing else.
func (s *Source) aggregator(ctx context.Context) (model.AggregatorLeader, error) {
	ctx, cancel := context.WithTimeout(ctx, members.StatusTimeout)
	defer cancel()
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).Then(
			clientv3.OpGet(keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix()),
			clientv3.OpGet(keys.Summary()),
		).Commit()
	})
	deployed := len(s.Aggregators) > 0
	if err != nil {
		return leadership(nil, nil, deployed, true), fmt.Errorf("read who leads the aggregators: %w", err)
	}
	var summary *mvccpb.KeyValue
	for _, kv := range resp.Responses[1].GetResponseRange().Kvs {
		summary = kv
	}
	return leadership(resp.Responses[0].GetResponseRange().Kvs, summary, deployed, false), nil
}

// leadership says who leads the aggregators. deployed tells that the target itself
// names some; lost, that the store cannot be read, and the rest is what was known.
func leadership(candidates []*mvccpb.KeyValue, summary *mvccpb.KeyValue, deployed, lost bool) model.AggregatorLeader {
	var l model.AggregatorLeader
	candidates = slices.SortedFunc(slices.Values(candidates), func(a, b *mvccpb.KeyValue) int {
		return cmp.Compare(a.CreateRevision, b.CreateRevision)
	})
	for i, kv := range candidates {
		a, err := model.DecodeAggregator(kv.Value)
		if err != nil {
			a = &model.Aggregator{Name: path.Base(string(kv.Key))} // who it is, only its lease tells
		}
		if i > 0 {
			l.Standbys = append(l.Standbys, *a)
			continue
		}
		l.Leader, l.Token = a, kv.CreateRevision
	}
	if summary != nil {
		deployed = adopt(&l, summary.Value) || deployed
	}
	switch {
	case lost:
		l.State = model.LeadershipUnseen
	case l.Leader != nil:
		l.State = model.Leads
	case deployed:
		l.State = model.LeaderNone
	default:
		l.State = model.NotDeployed
	}
	return l
}

// adopt adds what the summary tells, and reports whether it does not say that the
// last leader stopped in good order: somebody should lead, then.
func adopt(l *model.AggregatorLeader, summary []byte) (abandoned bool) {
	s, err := model.DecodeSummary(summary)
	if err != nil {
		return true
	}
	l.Changes = s.Changes
	// A leader that was just elected has not written its term yet.
	if l.Leader != nil && s.Token == l.Token {
		since := s.Since.UTC()
		l.Term, l.Since = s.Term, &since
	}
	return !s.Resigned
}
