package kube

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/signaler"
)

// Ports that signalers listen on: below those that systems give to clients.
const (
	firstSignalPort = 20000
	signalPorts     = 10000
)

// signalContainer makes the container of a signaler for a pod, and the port that
// it listens on. Name and port are new ones: ephemeral containers stay in a pod's
// list for ever, and one of a drill that was killed may still listen.
func signalContainer(like *corev1.Container, pod *corev1.Pod, executable string) (container *corev1.EphemeralContainer, port string) {
	port = strconv.Itoa(firstSignalPort + mathrand.IntN(signalPorts)) //nolint:gosec // not a secret
	container = &corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
		Name:  signaler.Command + "-" + strings.ToLower(rand.Text()[:8]),
		Image: like.Image, ImagePullPolicy: like.ImagePullPolicy, Command: like.Command,
		Args:            []string{signaler.Command, "--to", executable, "--listen", net.JoinHostPort("127.0.0.1", port)},
		SecurityContext: signalSecurity(pod),
		// So that its status says why it ended.
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
	}}
	return container, port
}

// signalSecurity is what Pod Security `restricted` admits. The user is the pod's
// own: signals need no capability among processes of one user.
func signalSecurity(pod *corev1.Pod) *corev1.SecurityContext {
	s := &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	if p := pod.Spec.SecurityContext; p != nil {
		s.RunAsUser, s.RunAsGroup = p.RunAsUser, p.RunAsGroup
	}
	if len(pod.Spec.Containers) > 0 {
		if own := pod.Spec.Containers[0].SecurityContext; own != nil && own.RunAsUser != nil {
			s.RunAsUser, s.RunAsGroup = own.RunAsUser, own.RunAsGroup
		}
	}
	if s.RunAsUser == nil || *s.RunAsUser != 0 {
		s.RunAsNonRoot = new(true)
	}
	return s
}

// addContainer adds an ephemeral container to that very pod.
func (c *Cluster) addContainer(ctx context.Context, pod *corev1.Pod, container *corev1.EphemeralContainer) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID},
		"spec":     map[string]any{"ephemeralContainers": []*corev1.EphemeralContainer{container}},
	})
	if err != nil {
		return fmt.Errorf("encode container %q: %w", container.Name, err)
	}
	_, err = c.Client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "ephemeralcontainers")
	return c.refused(ctx, err, ephemeralContainers(pod))
}

// startFailures are the kubelet's words for what does not mend by waiting:
// ErrImagePull, ImagePullBackOff, InvalidImageName, CreateContainerConfigError, ….
var startFailures = regexp.MustCompile("Err|BackOff|Invalid")

// started reports whether an ephemeral container runs; an error if it never will.
func (c *Cluster) started(ctx context.Context, pod *corev1.Pod, name string) (running bool, err error) {
	now, err := c.Client.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
	if err != nil {
		return false, c.explain(err, Access{Verb: "get", Resource: "pods", Namespace: pod.Namespace, Name: pod.Name})
	}
	for i := range now.Status.EphemeralContainerStatuses {
		status := &now.Status.EphemeralContainerStatuses[i]
		if status.Name != name {
			continue
		}
		switch state := status.State; {
		case state.Running != nil:
			return true, nil
		case state.Terminated != nil:
			return false, fmt.Errorf("it ended with %d: %s", state.Terminated.ExitCode, join(state.Terminated.Reason, state.Terminated.Message))
		case state.Waiting != nil && startFailures.MatchString(state.Waiting.Reason):
			return false, errors.New(join(state.Waiting.Reason, state.Waiting.Message))
		}
	}
	return false, nil
}
