package status

import (
	"context"
	"slices"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Gather looks at members and nodes at the same time and judges the whole.
func Gather(ctx context.Context, s *Source) *model.Status {
	var (
		looking sync.WaitGroup
		report  *members.Report
		seen    seen
	)
	looking.Go(func() { report = s.look(ctx) })
	looking.Go(func() { seen = s.nodes(ctx) })
	looking.Wait()

	return s.status(report, seen)
}

// status puts together what was found out.
func (s *Source) status(report *members.Report, o seen) *model.Status {
	report = o.truth.report(report)
	st := &model.Status{
		TypeMeta: s.meta(model.KindStatus),
		Quorum:   model.QuorumOf(report.Items),
		Counts:   model.CountNodes(o.nodes),
		Members:  report.Items,
		Nodes:    o.nodes,
		Errors:   slices.Clone(report.Errors),

		Aggregator: o.leads,
	}
	st.Leader, _ = report.Leader()
	if o.err != nil {
		st.Errors = append(st.Errors, "nodes: "+briefly(o.err))
	}
	st.Errors = append(st.Errors, o.truth.errors()...)
	st.Verdict, st.Reasons = judge(report.Items, o)
	return st
}
