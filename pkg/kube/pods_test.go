package kube

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// about is an event about the pod of that UID, so many seconds after noon.
func about(uid types.UID, kind, reason, message string, seconds int) corev1.Event {
	return corev1.Event{
		InvolvedObject: corev1.ObjectReference{UID: uid}, Type: kind, Reason: reason, Message: message,
		LastTimestamp: metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second)),
	}
}

func TestPodSaysWhyItIsNotReady(t *testing.T) {
	t.Parallel()
	const normal, warning = corev1.EventTypeNormal, corev1.EventTypeWarning
	container := func(s corev1.ContainerStatus) corev1.PodStatus {
		return corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{s}}
	}
	waiting := func(reason, message string) corev1.PodStatus {
		return container(corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}})
	}
	runs := container(corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}})
	for name, tc := range map[string]struct {
		status corev1.PodStatus
		events []corev1.Event
		want   string
	}{
		"ready": {corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}, []corev1.Event{about("u", warning, "Unhealthy", "of old", 1)}, ""},
		"new":   {corev1.PodStatus{Phase: corev1.PodPending}, nil, "pending"},
		"the scheduler's own words": {
			corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available: 3 Insufficient memory."}}},
			nil, "Unschedulable: 0/3 nodes are available: 3 Insufficient memory.",
		},
		"an image that is being pulled":  {waiting("ContainerCreating", ""), []corev1.Event{about("u", normal, "Pulling", `Pulling image "x"`, 1)}, `Pulling image "x"`},
		"an image that has been pulled":  {waiting("ContainerCreating", ""), []corev1.Event{about("u", normal, "Pulled", "ok", 2), about("u", normal, "Pulling", `Pulling image "x"`, 1)}, "ContainerCreating"},
		"an image that cannot be pulled": {waiting("ImagePullBackOff", `Back-off: ErrImagePull: rpc error: code = NotFound desc = no such image`), nil, "ImagePullBackOff: no such image"},
		"a volume that cannot be mounted": {
			waiting("ContainerCreating", ""),
			[]corev1.Event{about("u", warning, "FailedMount", `secret "etcd-peer" not found`, 3), about("other", warning, "FailedMount", "not ours", 9)}, `secret "etcd-peer" not found`,
		},
		"a probe that fails": {runs, []corev1.Event{about("u", warning, "Unhealthy", "Readiness probe failed: 503", 1)}, "Readiness probe failed: 503"},
		"what ended": {
			container(corev1.ContainerStatus{
				RestartCount: 1, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
				LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 128, Message: `OCI runtime create failed: unable to start container process: exec: "agent": not found: unknown`}},
			}), nil, `CrashLoopBackOff, last exit code 128: exec: "agent": not found`,
		},
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "u"}, Status: tc.status}
		if got := PodReason(p, tc.events); got != tc.want {
			t.Errorf("%s: it says %q, want %q", name, got, tc.want)
		}
	}
}
