package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// agentPods is the agent's pod on each node: of two, one that is not ending, and
// then the younger.
func agentPods(pods []corev1.Pod) map[string]*corev1.Pod {
	agents := make(map[string]*corev1.Pod)
	for i := range pods {
		p := &pods[i]
		node := cmp.Or(p.Spec.NodeName, intendedNode(p))
		if p.Labels[LabelName] != AgentSet || node == "" {
			continue
		}
		if other := agents[node]; other == nil || preferred(p, other) {
			agents[node] = p
		}
	}
	return agents
}

func preferred(p, other *corev1.Pod) bool {
	if ending := p.DeletionTimestamp != nil; ending != (other.DeletionTimestamp != nil) {
		return !ending
	}
	return p.CreationTimestamp.After(other.CreationTimestamp.Time)
}

// intendedNode is the node that a pod of a DaemonSet is made for: until it is
// scheduled, only its affinity tells.
func intendedNode(p *corev1.Pod) string {
	a := p.Spec.Affinity
	if a == nil || a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return ""
	}
	for _, term := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key == metav1.ObjectNameField && field.Operator == corev1.NodeSelectorOpIn && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}

// excludes reports whether the agents' DaemonSet is not meant for a node.
func (s *fleet) excludes(node *corev1.Node) bool {
	if s.agents == nil {
		return false
	}
	chosen := labels.SelectorFromSet(s.agents.Spec.Template.Spec.NodeSelector)
	return !chosen.Matches(labels.Set(node.Labels))
}

// whyNoAgent says why a node has no agent's pod, as far as the DaemonSet tells.
func (s *fleet) whyNoAgent(f *model.NodeFacts) string {
	switch {
	case s.podsErr != nil:
		return ""
	case s.absent:
		return fmt.Sprintf("no DaemonSet %q is deployed", AgentSet)
	case f.Excluded:
		return fmt.Sprintf("the node selector of DaemonSet %q does not choose the node", AgentSet)
	}
	return ""
}

// noPod stands for the reason of a pod that is not there, where nobody tells it.
const noPod = "none has been made"

// explainNoAgents asks why the DaemonSet could not even make pods for some nodes.
func (c *Cluster) explainNoAgents(ctx context.Context, nodes []model.NodeFacts) {
	reason := ""
	for i := range nodes {
		f := &nodes[i]
		if f.Agent != nil || f.NoAgent != "" {
			continue
		}
		if reason == "" {
			reason = c.whyNotMade(ctx, c.AgentNamespace, "DaemonSet", AgentSet)
		}
		f.NoAgent = reason
	}
}

// whyNotMade is why a controller could not make a pod, for instance because of
// a quota, by its newest event.
func (c *Cluster) whyNotMade(ctx context.Context, namespace, kind, name string) string {
	made := fields.Set{"involvedObject.kind": kind, "involvedObject.name": name, "reason": "FailedCreate"}
	events, err := c.Client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: made.String()})
	if err != nil || len(events.Items) == 0 {
		return noPod
	}
	newest := slices.MaxFunc(events.Items, func(a, b corev1.Event) int { return EventTime(&a).Compare(EventTime(&b)) })
	return newest.Message
}
