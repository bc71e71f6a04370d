package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// podFacts is what Kubernetes says of a pod, with events that may concern it.
func podFacts(p *corev1.Pod, events []corev1.Event) model.PodFacts {
	f := model.PodFacts{Name: p.Name, Node: p.Spec.NodeName, Ready: ready(p)}
	for i := range p.Status.ContainerStatuses {
		f.Restarts += int(p.Status.ContainerStatuses[i].RestartCount)
	}
	f.Reason = PodReason(p, events)
	return f
}

// podEvents are the events about pods, if one of these is not ready. Who may not
// list them gets along with what the pods say.
func (c *Cluster) podEvents(ctx context.Context, namespace string, pods []corev1.Pod) []corev1.Event {
	if !slices.ContainsFunc(pods, func(p corev1.Pod) bool { return !ready(&p) }) {
		return nil
	}
	list, err := c.Client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{
		ResourceVersion: cached, FieldSelector: fields.OneTermEqualSelector("involvedObject.kind", "Pod").String(),
	})
	if err != nil {
		return nil
	}
	return list.Items
}

func ready(p *corev1.Pod) bool {
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue && p.DeletionTimestamp == nil
		}
	}
	return false
}

// podTrouble is why a pod is not ready, by its own status.
func podTrouble(p *corev1.Pod) string {
	if p.DeletionTimestamp != nil {
		return "it is ending"
	}
	for i := range p.Status.ContainerStatuses {
		switch s := p.Status.ContainerStatuses[i]; {
		case s.State.Waiting != nil:
			if last := s.LastTerminationState.Terminated; last != nil {
				return fmt.Sprintf("%s, last exit code %d", s.State.Waiting.Reason, last.ExitCode)
			}
			return join(s.State.Waiting.Reason, s.State.Waiting.Message)
		case s.State.Terminated != nil:
			return fmt.Sprintf("%s, exit code %d", cmp.Or(s.State.Terminated.Reason, "ended"), s.State.Terminated.ExitCode)
		}
	}
	for i := range p.Status.Conditions {
		c := &p.Status.Conditions[i]
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return join(c.Reason, c.Message)
		}
	}
	return cmp.Or(join(p.Status.Reason, p.Status.Message), "not ready")
}

func join(reason, message string) string {
	if reason == "" || message == "" {
		return reason + message
	}
	return reason + ": " + message
}
