package status

import (
	"context"
	"slices"
	"sync"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/view"
)

// FactSource is who knows, beside etcd, what is true of nodes and pods: Kubernetes.
type FactSource interface {
	// Facts tells of nodes and pods. What could not be read is among its errors.
	Facts(ctx context.Context) *model.Facts
	// MemberFacts is the part of Facts that concerns the members.
	MemberFacts(ctx context.Context) (facts []model.MemberFacts, errs []string)
	// Kubelets asks nodes themselves how their agents are. The error names a right
	// that is missing; what the others told is returned all the same.
	Kubelets(ctx context.Context, nodes []model.NodeFacts) (map[string]model.Kubelet, error)
}

// truth is what a FactSource told, by name. It is not changed once it is made; nil
// is a target that knows nothing of the kind.
type truth struct {
	*model.Facts
	nodes    map[string]*model.NodeFacts
	members  map[string]*model.MemberFacts
	kubelets map[string]model.Kubelet
	denied   error // the right that was missing to ask kubelets
}

func newTruth(f *model.Facts) *truth {
	t := &truth{Facts: f, nodes: make(map[string]*model.NodeFacts, len(f.Nodes)), members: make(map[string]*model.MemberFacts, len(f.Members))}
	for i := range f.Nodes {
		t.nodes[f.Nodes[i].Name] = &f.Nodes[i]
	}
	for i := range f.Members {
		t.members[f.Members[i].Name] = &f.Members[i]
	}
	return t
}

// asked returns t with what came of asking kubelets.
func (t *truth) asked(kubelets map[string]model.Kubelet, denied error) *truth {
	with := *t
	with.kubelets, with.denied = kubelets, denied
	return &with
}

// tell names to v the nodes that should report, besides those that the target
// itself names, and all that there are.
func (t *truth) tell(v *view.View, hosts []string) {
	if t == nil {
		v.Expect(hosts)
		return
	}
	var expected, all []string
	for name, f := range t.nodes {
		all = append(all, name)
		if !f.Excluded {
			expected = append(expected, name)
		}
	}
	v.Expect(append(expected, hosts...))
	if t.AllNodes {
		v.Limit(append(all, hosts...))
	}
}

// suspects are the nodes whose kubelets are worth a question: heartbeats should
// come and do not, although etcd can be read.
func (t *truth) suspects(nodes []model.Node) []model.NodeFacts {
	var some []model.NodeFacts
	for i := range nodes {
		if f := t.nodes[nodes[i].Name]; f != nil && silent(&nodes[i]) {
			some = append(some, *f)
		}
	}
	return some
}

func silent(n *model.Node) bool { return n.State == model.NodeDead || n.State == model.NodeStale }

// node is what is known of a node, with what its kubelet told; nil if nothing is.
func (t *truth) node(name string) *model.NodeFacts {
	f := t.nodes[name]
	if k, ok := t.kubelets[name]; ok && f != nil {
		with := *f
		with.Kubelet = &k
		return &with
	}
	return f
}

// complete adds to rows what is known of the nodes, and why one is as it is.
func (t *truth) complete(nodes []model.Node) []model.Node {
	if t == nil {
		return nodes
	}
	for i := range nodes {
		n := &nodes[i]
		if n.Kubernetes = t.nodes[n.Name]; n.Kubernetes != nil {
			if silent(n) {
				n.Kubernetes = t.node(n.Name)
			}
			n.Reason = nodeReason(n)
		}
	}
	return nodes
}

// report returns r with what is known of the members. r itself may be shared.
func (t *truth) report(r *members.Report) *members.Report {
	if t == nil {
		return r
	}
	with := *r
	with.Items = make([]model.Member, len(r.Items))
	for i, m := range r.Items {
		if f := t.members[m.Name]; f != nil {
			m.Pod, m.Volume = f.Pod, f.Volume
			m.Reason = memberReason(&m, f.NoPod)
		}
		with.Items[i] = m
	}
	return &with
}

// errors are what could not be found out.
func (t *truth) errors() []string {
	if t == nil {
		return nil
	}
	if t.denied == nil {
		return t.Errors
	}
	return slices.Concat(t.Errors, []string{"why nodes are silent: " + t.denied.Error()})
}

// facts asks for what is true of nodes and pods.
func (s *Source) facts(ctx context.Context) *truth {
	if s.Facts == nil {
		return nil
	}
	return newTruth(s.Facts.Facts(ctx))
}

// doubt asks the kubelets of those nodes from which no heartbeat comes.
func (s *Source) doubt(ctx context.Context, t *truth, nodes []model.Node) *truth {
	if t == nil {
		return nil
	}
	suspects := t.suspects(nodes)
	if len(suspects) == 0 {
		return t.asked(nil, nil)
	}
	return t.asked(s.Facts.Kubelets(ctx, suspects))
}

// members looks at the members, and asks what is true of their pods.
func (s *Source) members(ctx context.Context) *members.Report {
	if s.Facts == nil {
		return s.look(ctx)
	}
	var (
		looking sync.WaitGroup
		report  *members.Report
		facts   model.Facts
	)
	looking.Go(func() { report = s.look(ctx) })
	looking.Go(func() { facts.Members, facts.Errors = s.Facts.MemberFacts(ctx) })
	looking.Wait()
	report = newTruth(&facts).report(report)
	report.Errors = slices.Concat(report.Errors, facts.Errors)
	return report
}
