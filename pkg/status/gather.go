package status

import (
	"context"
	"slices"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Gather looks at members and nodes at the same time and judges the whole.
func Gather(ctx context.Context, s *Source) *model.Status {
	var (
		looking  sync.WaitGroup
		report   *members.Report
		nodes    []model.Node
		leads    model.AggregatorLeader
		nodesErr error
	)
	looking.Go(func() { report = s.look(ctx) })
	looking.Go(func() { nodes, leads, nodesErr = s.nodes(ctx) })
	looking.Wait()

	return s.status(report, nodes, leads, nodesErr)
}

// status puts together what was found out; nodesErr is why nodes are Unknown.
func (s *Source) status(report *members.Report, nodes []model.Node, leads model.AggregatorLeader, nodesErr error) *model.Status {
	st := &model.Status{
		TypeMeta: s.meta(model.KindStatus),
		Quorum:   model.QuorumOf(report.Items),
		Counts:   model.CountNodes(nodes),
		Members:  report.Items,
		Nodes:    nodes,
		Errors:   slices.Clone(report.Errors),

		Aggregator: leads,
	}
	st.Leader, _ = report.Leader()
	if nodesErr != nil {
		st.Errors = append(st.Errors, "nodes: "+etcd.Reason(nodesErr))
	}
	st.Verdict, st.Reasons = judge(report.Items, nodes, leads.State, nodesErr)
	return st
}
