package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Nodes lists the named nodes, or all. A name that no key and no target knows is
// in the second result. When the store cannot be read, the list has the nodes
// that the target names, as Unknown, and the error says why.
func Nodes(ctx context.Context, s *Source, names []string) (list *model.NodeList, missing []string, err error) {
	seen := s.nodes(ctx)
	if len(names) > 0 {
		seen.nodes, missing = pick(seen.nodes, names)
	}
	list = s.nodeList(seen.nodes)
	if seen.err != nil {
		list.Errors = append(list.Errors, "nodes: "+etcd.Reason(seen.err))
	}
	list.Errors = append(list.Errors, seen.truth.errors()...)
	return list, missing, seen.err
}

func (s *Source) nodeList(nodes []model.Node) *model.NodeList {
	return &model.NodeList{TypeMeta: s.meta(model.KindNodeList), Counts: model.CountNodes(nodes), Items: nodes}
}

func pick(nodes []model.Node, names []string) (picked []model.Node, missing []string) {
	picked = []model.Node{}
	for _, name := range names {
		i := slices.IndexFunc(nodes, func(n model.Node) bool { return n.Name == name })
		if i < 0 {
			missing = append(missing, name)
		} else {
			picked = append(picked, nodes[i])
		}
	}
	return picked, missing
}

// Members lists the members.
func Members(ctx context.Context, s *Source) *model.MemberList {
	return s.memberList(s.members(ctx))
}

func (s *Source) memberList(report *members.Report) *model.MemberList {
	return &model.MemberList{
		TypeMeta:  s.meta(model.KindMemberList),
		ClusterID: report.ClusterID,
		Quorum:    model.QuorumOf(report.Items),
		Items:     report.Items,
		Errors:    report.Errors,
	}
}

// Leader says who leads raft, in which term, and which members could, and the
// same of the aggregators; and gives the verdict on both.
func Leader(ctx context.Context, s *Source) (*model.Leader, model.Verdict) {
	var (
		looking sync.WaitGroup
		report  *members.Report
		leads   model.AggregatorLeader
		err     error
	)
	looking.Go(func() { report = s.look(ctx) })
	looking.Go(func() { leads, err = s.aggregator(ctx) })
	looking.Wait()

	verdict, _ := judge(report.Items, seen{leads: leads, err: err})
	l := s.leader(report, leads)
	if err != nil && l.Quorum.Has() { // else the members' own errors say why
		l.Errors = append(slices.Clone(l.Errors), "aggregators: "+etcd.Reason(err))
	}
	return l, verdict
}

func (s *Source) leader(report *members.Report, leads model.AggregatorLeader) *model.Leader {
	l := &model.Leader{
		TypeMeta:   s.meta(model.KindLeader),
		Quorum:     model.QuorumOf(report.Items),
		Aggregator: leads,
		Errors:     report.Errors,
	}
	l.Leader, _ = report.Leader()
	for i := range report.Items {
		l.Candidates = append(l.Candidates, candidate(&report.Items[i], l.Quorum))
	}
	return l
}

// candidate says whether a member leads or could be elected if the leader went.
func candidate(m *model.Member, q model.Quorum) model.Candidate {
	c := model.Candidate{Name: m.Name, ID: m.ID, Role: m.Role, Lag: m.RaftLag}
	switch {
	case !m.Answered():
		c.Reason = strings.ToLower(string(m.State)) + ": " + m.Reason
	case m.IsLearner:
		c.Reason = "a learner has no vote"
	case m.Role == model.RoleLeader && q.Has():
		c.Can, c.Reason = true, "leads"
	case !q.Has():
		c.Reason = fmt.Sprintf("no quorum: %d of %d voters answer", q.Up, q.Voters)
	case m.State == model.MemberNoLeader:
		c.Reason = m.Reason // it is cut off from the others, or they are electing
	case q.MayLose < 1:
		c.Can, c.Reason = true, "could lead, but losing the leader would lose the quorum"
	default:
		c.Can = true
	}
	return c
}
