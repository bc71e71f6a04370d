package kube

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// factsTimeout bounds all that is asked of the API server for facts.
const factsTimeout = 5 * time.Second

// cached lets the API server answer from its memory: nodes and their agents' pods
// are many, and may be asked for every few seconds.
const cached = "0"

// Facts tells what Kubernetes knows of nodes and pods. What could not be read is
// among its errors; the rest is told all the same.
func (c *Cluster) Facts(ctx context.Context) *model.Facts {
	ctx, cancel := context.WithTimeout(ctx, factsTimeout)
	defer cancel()
	var (
		asking sync.WaitGroup
		fleet  *fleet
		facts  model.Facts
		errs   []string
	)
	asking.Go(func() { fleet = c.fleet(ctx) })
	asking.Go(func() { facts.Members, errs = c.MemberFacts(ctx) })
	asking.Wait()
	facts.AllNodes, facts.Nodes, facts.Aggregators = fleet.nodesErr == nil, fleet.nodeFacts(), fleet.aggregatorFacts()
	if fleet.podsErr == nil {
		c.explainNoAgents(ctx, facts.Nodes)
	}
	facts.Errors = append(told(fleet.nodesErr, fleet.podsErr, fleet.agentsErr), errs...)
	return &facts
}

// told is errors as they are told beside what others gave.
func told(errs ...error) []string {
	var lines []string
	for _, err := range errs {
		if err != nil {
			lines = append(lines, "Kubernetes: "+err.Error())
		}
	}
	return lines
}

// fleet is what the API server has of nodes, agents and aggregators, as far as the
// user may read it.
type fleet struct {
	nodes  []corev1.Node
	pods   []corev1.Pod // of agents and aggregators
	events []corev1.Event
	agents *appsv1.DaemonSet // nil if there is none, or none that may be read
	absent bool              // there is no such DaemonSet

	nodesErr, podsErr, agentsErr error
}

func (c *Cluster) fleet(ctx context.Context) *fleet {
	var (
		s      fleet
		asking sync.WaitGroup
	)
	asking.Go(func() {
		list, err := c.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: cached})
		if s.nodesErr = c.explain(err, Access{Verb: "list", Resource: "nodes"}); err == nil {
			s.nodes = list.Items
		}
	})
	asking.Go(func() {
		ours := metav1.ListOptions{ResourceVersion: cached, LabelSelector: LabelName + " in (" + AgentSet + "," + AggregatorSet + ")"}
		list, err := c.Client.CoreV1().Pods(c.AgentNamespace).List(ctx, ours)
		if s.podsErr = c.explain(err, Access{Verb: "list", Resource: "pods", Namespace: c.AgentNamespace}); err == nil {
			s.pods = list.Items
			s.events = c.podEvents(ctx, c.AgentNamespace, s.pods)
		}
	})
	asking.Go(func() {
		set, err := c.Client.AppsV1().DaemonSets(c.AgentNamespace).Get(ctx, AgentSet, metav1.GetOptions{})
		switch {
		case err == nil:
			s.agents = set
		case apierrors.IsNotFound(err):
			s.absent = true
		default:
			s.agentsErr = c.explain(err, Access{Verb: "get", Group: appsv1.GroupName, Resource: "daemonsets", Namespace: c.AgentNamespace, Name: AgentSet})
		}
	})
	asking.Wait()
	return &s
}

// nodeFacts are about the nodes that Kubernetes has, or, where the user may not
// list them, about those that an agent's pod is on.
func (s *fleet) nodeFacts() []model.NodeFacts {
	pods := agentPods(s.pods)
	facts := make([]model.NodeFacts, 0, max(len(s.nodes), len(pods)))
	for i := range s.nodes {
		f := factsOf(&s.nodes[i])
		f.Excluded = s.excludes(&s.nodes[i])
		if pod := pods[f.Name]; pod != nil {
			f.Agent = new(podFacts(pod, s.events))
		} else {
			f.NoAgent = s.whyNoAgent(&f)
		}
		facts = append(facts, f)
	}
	if s.nodesErr != nil {
		for name, pod := range pods {
			facts = append(facts, model.NodeFacts{Name: name, Agent: new(podFacts(pod, s.events))})
		}
	}
	slices.SortFunc(facts, func(a, b model.NodeFacts) int { return cmp.Compare(a.Name, b.Name) })
	return facts
}

func (s *fleet) aggregatorFacts() []model.PodFacts {
	var facts []model.PodFacts
	for i := range s.pods {
		if p := &s.pods[i]; p.Labels[LabelName] == AggregatorSet && p.DeletionTimestamp == nil {
			facts = append(facts, podFacts(p, s.events))
		}
	}
	slices.SortFunc(facts, func(a, b model.PodFacts) int { return cmp.Compare(a.Name, b.Name) })
	return facts
}
