package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// workload is a StatefulSet, DaemonSet or Deployment, as far as it is waited for.
type workload struct {
	object    string // kind/name
	namespace string
	name      string // its own, and the label of its pods
	want      int    // pods
	ready     int    // of the newest template, where those are rolled out
	seen      bool   // its controller has seen what was applied last
	// revision is that of the newest template, where nothing but a deploy replaces a
	// pod of an older one.
	revision string
}

func (w *workload) done() bool { return w.seen && w.ready >= w.want }

func (d *Deployer) members(ctx context.Context) (*workload, error) {
	s, err := d.cluster.Client.AppsV1().StatefulSets(d.cluster.Namespace).Get(ctx, kube.StatefulSet, metav1.GetOptions{})
	if err != nil {
		return nil, d.explainGet(err, "statefulsets", d.cluster.Namespace, kube.StatefulSet)
	}
	return &workload{
		"statefulset/" + s.Name, s.Namespace, s.Name, int(ptr.Deref(s.Spec.Replicas, 1)),
		int(s.Status.ReadyReplicas), s.Status.ObservedGeneration >= s.Generation, s.Status.UpdateRevision,
	}, nil
}

func (d *Deployer) agents(ctx context.Context) (*workload, error) {
	s, err := d.cluster.Client.AppsV1().DaemonSets(d.cluster.AgentNamespace).Get(ctx, kube.AgentSet, metav1.GetOptions{})
	if err != nil {
		return nil, d.explainGet(err, "daemonsets", d.cluster.AgentNamespace, kube.AgentSet)
	}
	w := &workload{
		"daemonset/" + s.Name, s.Namespace, s.Name, int(s.Status.DesiredNumberScheduled),
		int(min(s.Status.NumberReady, s.Status.UpdatedNumberScheduled)), s.Status.ObservedGeneration >= s.Generation, "",
	}
	if !w.done() {
		w.want -= d.downNodes(ctx)
	}
	return w, nil
}

// downNodes counts the nodes that are down, as far as the user may list nodes: of a
// large fleet some always are, and the agents there come when their nodes do.
func (d *Deployer) downNodes(ctx context.Context) int {
	list, err := d.cluster.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0
	}
	down := 0
	for i := range list.Items {
		if slices.ContainsFunc(list.Items[i].Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue
		}) {
			down++
		}
	}
	return down
}

func (d *Deployer) aggregators(ctx context.Context) (*workload, error) {
	s, err := d.cluster.Client.AppsV1().Deployments(d.cluster.AgentNamespace).Get(ctx, kube.AggregatorSet, metav1.GetOptions{})
	if err != nil {
		return nil, d.explainGet(err, "deployments", d.cluster.AgentNamespace, kube.AggregatorSet)
	}
	return &workload{
		"deployment/" + s.Name, s.Namespace, s.Name, int(ptr.Deref(s.Spec.Replicas, 1)),
		int(min(s.Status.ReadyReplicas, s.Status.UpdatedReplicas)), s.Status.ObservedGeneration >= s.Generation, "",
	}, nil
}

func (d *Deployer) explainGet(err error, resource, namespace, name string) error {
	return d.cluster.Explain(err, kube.Access{Verb: "get", Group: appsv1.GroupName, Resource: resource, Namespace: namespace, Name: name})
}

// quorum looks at the members. A majority is enough.
func (d *Deployer) quorum(ctx context.Context) ([]Pending, bool, error) {
	w, err := d.members(ctx)
	if err != nil {
		return nil, false, err
	}
	pending, err := d.pending(ctx, w)
	return pending, w.seen && w.ready > w.want/2, err
}

// everything looks at all pods.
func (d *Deployer) everything(ctx context.Context) ([]Pending, bool, error) {
	var all []Pending
	enough := true
	for _, find := range []func(context.Context) (*workload, error){d.members, d.agents, d.aggregators} {
		w, err := find(ctx)
		if err != nil {
			return nil, false, err
		}
		pending, err := d.pending(ctx, w)
		if err != nil {
			return nil, false, err
		}
		all = append(all, pending...)
		enough = enough && w.done()
	}
	return all, enough, nil
}

// unavailable reports whether an error may pass by itself.
func unavailable(err error) bool {
	_, unreachable := errors.AsType[*kube.UnreachableError](err)
	return unreachable || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsTooManyRequests(err) || apierrors.IsInternalError(err)
}

// outdated names the members that run by an older template than the one applied.
// Nothing restarts them: see the StatefulSet's update strategy.
func (d *Deployer) outdated(ctx context.Context) ([]string, error) {
	s, err := d.cluster.Client.AppsV1().StatefulSets(d.cluster.Namespace).Get(ctx, kube.StatefulSet, metav1.GetOptions{})
	if err != nil {
		return nil, d.explainGet(err, "statefulsets", d.cluster.Namespace, kube.StatefulSet)
	}
	pods, err := d.pods(ctx, s.Namespace, s.Name)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range pods {
		if pods[i].Labels[appsv1.ControllerRevisionHashLabelKey] != s.Status.UpdateRevision {
			names = append(names, pods[i].Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (d *Deployer) pods(ctx context.Context, namespace, name string) ([]corev1.Pod, error) {
	list, err := d.cluster.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.LabelName + "=" + name})
	if err != nil {
		return nil, d.cluster.Explain(err, kube.Access{Verb: "list", Resource: "pods", Namespace: namespace})
	}
	return list.Items, nil
}

func (w *workload) progress() string { return fmt.Sprintf("%d of %d pods are ready", w.ready, w.want) }
