package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// factsOf is what Kubernetes says of a node itself.
func factsOf(node *corev1.Node) model.NodeFacts {
	f := model.NodeFacts{Name: node.Name, Ready: new(false), Reason: "it has not reported yet", Cordoned: node.Spec.Unschedulable}
	var suffers []string
	for i := range node.Status.Conditions {
		switch c := &node.Status.Conditions[i]; {
		case c.Type != corev1.NodeReady:
			if c.Status == corev1.ConditionTrue {
				suffers = append(suffers, conditionWords(c))
			}
		case c.Status == corev1.ConditionTrue:
			f.Ready, f.Reason = new(true), ""
		default:
			f.Reason, f.Since = conditionWords(c), new(c.LastTransitionTime.UTC())
		}
	}
	if *f.Ready {
		f.Reason = strings.Join(suffers, "; ")
	}
	return f
}

// conditionWords are the message of a condition, else its name.
func conditionWords(c *corev1.NodeCondition) string {
	if c.Message != "" {
		return strings.TrimSuffix(c.Message, ".")
	}
	return string(c.Type) + ": " + c.Reason
}
