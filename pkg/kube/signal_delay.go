package kube

import (
	"context"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// BackOffLimit is the longest that a kubelet waits before it starts a container
// again that has ended often: 10 s, 20 s, 40 s and so on up to 5 minutes, until
// the container has run for 10 (kubernetes.io, "Pod Lifecycle").
const BackOffLimit = 5 * time.Minute

// Delay tells why a leader that was ended does not run again yet; empty if nothing
// is known that keeps it.
func (l *Leaders) Delay(ctx context.Context, target model.DrillTarget, name string) string {
	pod, err := l.pod(ctx, target, name)
	if err != nil {
		return ""
	}
	for i := range pod.Status.ContainerStatuses {
		if why := delay(pod.Status.ContainerStatuses[i].State); why != "" {
			return why
		}
	}
	return ""
}

// backOff is how a kubelet says how long it waits.
var backOff = regexp.MustCompile(`^back-off (\S+) restarting`)

func delay(state corev1.ContainerState) string {
	switch waiting := state.Waiting; {
	case waiting == nil || waiting.Reason == "ContainerCreating" || waiting.Reason == "PodInitializing":
		return ""
	case backOff.MatchString(waiting.Message):
		return "the kubelet restarts what ends often after a back-off, now of " + backOff.FindStringSubmatch(waiting.Message)[1]
	default:
		return join(waiting.Reason, waiting.Message)
	}
}
