package kube

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/signaler"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Leaders ends leaders for a drill: members, and aggregators, by the names of
// their pods. PID 1 of a container cannot be killed from within it, and to delete
// a pod asks its processes to end in good order. So a leader gets its signal from
// a container of ours that shares its processes: an ephemeral one, by the pod.
//
// It is for one goroutine at a time.
type Leaders struct {
	cluster *Cluster
	image   string // of the container; empty for that of the agents
	lines   map[string]*signalLine
	doomed  map[string]*corev1.Pod // those that can only be deleted
	paused  map[string]bool
}

// Leaders prepares for a drill. The image is that of the container which sends the
// signals; if it is empty, what the agents run.
func (c *Cluster) Leaders(image string) *Leaders {
	return &Leaders{c, image, make(map[string]*signalLine), make(map[string]*corev1.Pod), make(map[string]bool)}
}

// Close ends what sends the signals. What is paused goes on.
func (l *Leaders) Close() {
	for _, line := range l.lines {
		line.close()
	}
}

var requests = map[model.DrillMethod]signaler.Request{
	model.DrillKill: signaler.Kill, model.DrillTerm: signaler.Term, model.DrillStop: signaler.Stop,
}

// Prepare makes ready what sends a leader its signal, so that its start is not part
// of what a drill measures. Where that cannot be, since the user or the namespace
// does not allow it, End deletes the pod, and graceful says why. A pause cannot be
// had that way. The error is *CannotEndError if there is no way.
func (l *Leaders) Prepare(ctx context.Context, target model.DrillTarget, name string, how model.DrillMethod) (graceful string, err error) {
	delete(l.doomed, name)
	if line := l.lines[name]; line != nil {
		if _, err := line.ask(ctx, signaler.Find); err == nil {
			return "", nil
		}
		line.close() // the pod is another one, say
		delete(l.lines, name)
	}
	pod, err := l.pod(ctx, target, name)
	if err != nil {
		return "", err
	}
	way := l.cluster.signalAllowed(ctx, pod)
	if way == nil {
		like, err := l.like(ctx, target, pod)
		if err != nil {
			return "", err
		}
		line, err := l.cluster.signalerIn(ctx, pod, like, executables[target])
		if err == nil {
			l.lines[name] = line
			return "", nil
		}
		way = err
	}
	if !notThisWay(way) {
		return "", way
	}
	if how == model.DrillStop {
		return "", &CannotEndError{name, []error{way}}
	}
	switch _, err := l.cluster.deletePod(ctx, pod, metav1.DryRunAll); {
	case err == nil:
		l.doomed[name] = pod
		return way.Error(), nil
	case notThisWay(err):
		return "", &CannotEndError{name, []error{way, err}}
	default:
		return "", err
	}
}

// executables are the names of the leaders' programs.
var executables = map[model.DrillTarget]string{model.DrillEtcd: StatefulSet, model.DrillAggregator: ManagedBy}

// pod reads a leader's pod.
func (l *Leaders) pod(ctx context.Context, target model.DrillTarget, name string) (*corev1.Pod, error) {
	namespace := l.cluster.Namespace
	if target == model.DrillAggregator {
		namespace = l.cluster.AgentNamespace
	}
	pod, err := l.cluster.Client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
	return pod, l.cluster.explain(err, Access{Verb: "get", Resource: "pods", Namespace: namespace, Name: name})
}

// like is what the signaler's container is made after.
func (l *Leaders) like(ctx context.Context, target model.DrillTarget, pod *corev1.Pod) (*corev1.Container, error) {
	switch {
	case l.image != "":
		return &corev1.Container{Image: l.image}, nil
	case target == model.DrillAggregator:
		return likeOf(&pod.Spec)
	}
	return l.cluster.ours(ctx)
}

// End sends a leader that was prepared its signal, or deletes its pod. The moment
// is the one halfway between request and answer.
func (l *Leaders) End(ctx context.Context, name string, how model.DrillMethod) (time.Time, error) {
	if pod := l.doomed[name]; pod != nil {
		delete(l.doomed, name)
		return l.cluster.deletePod(ctx, pod)
	}
	line := l.lines[name]
	if line == nil {
		return time.Time{}, errors.New("nothing is prepared")
	}
	if how == model.DrillStop {
		l.paused[name] = true // whatever comes of it
	}
	return line.ask(ctx, requests[how])
}

// Restore lets a paused leader go on. What has ended the kubelet starts again, or
// the workload makes a new pod of.
func (l *Leaders) Restore(ctx context.Context, name string) error {
	if !l.paused[name] {
		return nil
	}
	delete(l.paused, name)
	_, err := l.lines[name].ask(ctx, signaler.Cont)
	return err
}

// deletePod deletes that very pod, and returns when.
func (c *Cluster) deletePod(ctx context.Context, pod *corev1.Pod, dryRun ...string) (time.Time, error) {
	begin := time.Now()
	err := c.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		DryRun: dryRun, Preconditions: &metav1.Preconditions{UID: &pod.UID},
	})
	access := Access{Verb: "delete", Resource: "pods", Namespace: pod.Namespace, Name: pod.Name}
	return begin.Add(time.Since(begin) / 2), c.refused(ctx, err, access)
}
