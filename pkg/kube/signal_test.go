package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// Signals reach processes of the same user without a capability.
func TestSignalerRunsAsTheProcessAndAsRestrictedAdmits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pod, container *int64
		want           *int64
	}{
		"of the pod":       {pod: ptr.To[int64](10001), want: ptr.To[int64](10001)},
		"of the container": {pod: ptr.To[int64](1), container: ptr.To[int64](10001), want: ptr.To[int64](10001)},
		"of the image":     {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{Spec: corev1.PodSpec{
				SecurityContext: &corev1.PodSecurityContext{RunAsUser: test.pod},
				Containers:      []corev1.Container{{SecurityContext: &corev1.SecurityContext{RunAsUser: test.container}}},
			}}
			want := &corev1.SecurityContext{
				RunAsUser: test.want, RunAsNonRoot: new(true), AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true),
				Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			}
			container, _ := signalContainer(&corev1.Container{Image: "ours"}, pod, "etcd")
			if diff := cmp.Diff(want, container.SecurityContext); diff != "" {
				t.Error(diff)
			}
			again, _ := signalContainer(&corev1.Container{Image: "ours"}, pod, "etcd")
			if container.Name == again.Name {
				t.Errorf("two have the name %q", again.Name)
			}
		})
	}
}

func TestDelayIsToldInWords(t *testing.T) {
	t.Parallel()
	waits := func(reason, message string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	}
	for want, state := range map[string]corev1.ContainerState{
		"": waits("ContainerCreating", ""),
		"the kubelet restarts what ends often after a back-off, now of 1m20s": waits("CrashLoopBackOff", "back-off 1m20s restarting failed container=etcd pod=etcd-0_etcd(2f)"),
		"ErrImagePull: no such image":                                         waits("ErrImagePull", "no such image"),
	} {
		if got := delay(state); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := delay(corev1.ContainerState{Running: new(corev1.ContainerStateRunning)}); got != "" {
		t.Errorf("one that runs: %q", got)
	}
}
