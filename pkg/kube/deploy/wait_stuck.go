package deploy

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// stuck reports whether a member's pod does not run, and is of an older template
// than the one that was applied: an image that cannot be pulled, say, which this
// deploy has set right. The StatefulSet would leave it for ever. What does not run
// has no vote to lose.
func stuck(p *corev1.Pod, revision string) bool {
	if revision == "" || p.Labels[appsv1.ControllerRevisionHashLabelKey] == revision || p.DeletionTimestamp != nil {
		return false
	}
	for i := range p.Status.ContainerStatuses {
		if p.Status.ContainerStatuses[i].State.Running != nil {
			return false
		}
	}
	return p.Spec.NodeName == "" || len(p.Status.ContainerStatuses) > 0
}

// replace has the StatefulSet make a pod anew, and says so.
func (d *Deployer) replace(ctx context.Context, p *corev1.Pod) string {
	err := d.cluster.Client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(p.UID))})
	if err != nil {
		denied := d.cluster.Explain(err, kube.Access{Verb: "delete", Resource: "pods", Namespace: p.Namespace, Name: p.Name})
		return "it does not run, and is of an older template: " + denied.Error()
	}
	return "it did not run by an older template, and is made anew"
}
