package kube

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// PodReason is why a pod is not ready, in the words of its status and of the newest
// of the events given that concerns it. It is empty for a pod that is ready.
func PodReason(pod *corev1.Pod, events []corev1.Event) string {
	if ready(pod) {
		return ""
	}
	reason := join(podTrouble(pod), lastMessage(pod))
	switch newest := newestTrouble(events, pod); {
	case newest == "":
	case !explains(reason), crashed(pod) && strings.HasPrefix(newest, "Liveness"):
		reason = newest
	}
	if reason == "not ready" && pod.Status.Phase != corev1.PodRunning {
		reason = strings.ToLower(cmp.Or(string(pod.Status.Phase), "new"))
	}
	return shortened(reason)
}

// explains reports whether a reason says more than that something goes on.
func explains(reason string) bool {
	switch reason {
	case "", "not ready", "ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff":
		return false
	}
	return true
}

// lastMessage is what a container's end was said to be, as by a runtime that could
// not start it.
func lastMessage(pod *corev1.Pod) string {
	for i := range pod.Status.ContainerStatuses {
		s := &pod.Status.ContainerStatuses[i]
		for _, end := range []*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
			if end != nil && s.State.Running == nil && end.Message != "" {
				return end.Message
			}
		}
	}
	return ""
}

func crashed(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.RestartCount > 0 })
}

// newestTrouble is what the newest event about a pod warns of; of one that began
// to pull an image, that it still does.
func newestTrouble(events []corev1.Event, pod *corev1.Pod) string {
	var newest *corev1.Event
	for i := range events {
		e := &events[i]
		about := e.InvolvedObject.UID == pod.UID
		if about && (e.Type == corev1.EventTypeWarning || e.Reason == "Pulling" || e.Reason == "Pulled") &&
			(newest == nil || !EventTime(e).Before(EventTime(newest))) {
			newest = e
		}
	}
	if newest == nil || newest.Reason == "Pulled" {
		return ""
	}
	return newest.Message
}

// EventTime is when an event happened last.
func EventTime(e *corev1.Event) time.Time {
	last := cmp.Or(e.LastTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time)
	if e.Series != nil && e.Series.LastObservedTime.After(last) {
		return e.Series.LastObservedTime.Time
	}
	return last
}

// shortened leaves out what container runtimes wrap around a cause.
func shortened(reason string) string {
	for _, wrapped := range []string{"desc = ", "unable to start container process: ", "error during container init: "} {
		if i := strings.LastIndex(reason, wrapped); i >= 0 {
			head, _, _ := strings.Cut(reason, ": ")
			reason = join(head, strings.TrimSuffix(reason[i+len(wrapped):], ": unknown"))
		}
	}
	return strings.Join(strings.Fields(reason), " ")
}

// maxLastWords bounds what is read of a log's last line, in bytes.
const maxLastWords = 4 << 10

// LastWords is the last line that a pod's only container logged before it ended,
// or logs now if it never did. It is empty where that cannot be read.
func (c *Cluster) LastWords(ctx context.Context, pod *corev1.Pod) string {
	opts := &corev1.PodLogOptions{TailLines: new(int64(1)), LimitBytes: new(int64(maxLastWords))}
	opts.Previous = slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.State.Terminated == nil && s.LastTerminationState.Terminated != nil
	})
	line, err := c.Client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, opts).DoRaw(ctx)
	if err != nil {
		return ""
	}
	says, _ := readLogLine(string(line))
	return cmp.Or(says, strings.TrimSpace(string(line)))
}
