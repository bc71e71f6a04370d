package deploy

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// pending tells which pods of a workload are not ready, and why; and why there are
// too few, or why their volumes are not there.
func (d *Deployer) pending(ctx context.Context, w *workload) ([]Pending, error) {
	if w.done() {
		return nil, nil
	}
	pods, err := d.pods(ctx, w.namespace, w.name)
	if err != nil {
		return nil, err
	}
	events := d.events(ctx, w.namespace)
	var pending []Pending
	for i := range pods {
		p := &pods[i]
		reason := kube.PodReason(p, events)
		if reason == "" {
			continue
		}
		if w.seen && stuck(p, w.revision) {
			reason = d.replace(ctx, p)
		} else if crashes(p) {
			if words := d.cluster.LastWords(ctx, p); words != "" {
				reason += "; its last words: " + words
			}
		}
		pending = append(pending, Pending{"pod/" + p.Name, reason})
	}
	if w.name == kube.StatefulSet {
		pending = append(pending, d.unbound(ctx, events)...)
	}
	if len(pods) < w.want || len(pending) == 0 {
		reason := w.progress()
		if e := newestAbout(events, func(e *corev1.Event) bool { return e.Reason == "FailedCreate" && w.owns(e) }); e != nil {
			reason += ": " + e.Message
		}
		pending = append(pending, Pending{w.object, reason})
	}
	return pending, nil
}

// owns reports whether an event is about what makes the workload's pods: itself, or
// a ReplicaSet of it.
func (w *workload) owns(e *corev1.Event) bool {
	name := e.InvolvedObject.Name
	return name == w.name || e.InvolvedObject.Kind == "ReplicaSet" && strings.HasPrefix(name, w.name+"-")
}

// events are those of a namespace. Without them reasons are shorter, and no worse.
func (d *Deployer) events(ctx context.Context, namespace string) []corev1.Event {
	list, err := d.cluster.Client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil
	}
	return list.Items
}

func newestAbout(events []corev1.Event, about func(*corev1.Event) bool) *corev1.Event {
	var newest *corev1.Event
	for i := range events {
		if e := &events[i]; about(e) && (newest == nil || kube.EventTime(e).After(kube.EventTime(newest))) {
			newest = e
		}
	}
	return newest
}

// unbound tells which claims of members have no volume yet.
func (d *Deployer) unbound(ctx context.Context, events []corev1.Event) []Pending {
	list, err := d.cluster.Client.CoreV1().PersistentVolumeClaims(d.cluster.Namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.LabelName + "=" + kube.StatefulSet})
	if err != nil {
		return nil
	}
	var pending []Pending
	for i := range list.Items {
		c := &list.Items[i]
		if c.Status.Phase == corev1.ClaimBound {
			continue
		}
		reason := "it has no volume yet"
		if e := newestAbout(events, func(e *corev1.Event) bool { return e.InvolvedObject.UID == c.UID }); e != nil {
			reason, _, _ = strings.Cut(strings.Join(strings.Fields(e.Message), " "), ". ") // the rest is advice
		}
		pending = append(pending, Pending{"persistentvolumeclaim/" + c.Name, reason})
	}
	slices.SortFunc(pending, func(a, b Pending) int { return cmp.Compare(a.Object, b.Object) })
	return pending
}

// crashes reports whether a pod's container has ended by itself.
func crashes(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.State.Running == nil && (s.State.Terminated != nil || s.LastTerminationState.Terminated != nil)
	})
}
