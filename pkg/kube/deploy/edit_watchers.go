package deploy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// watcher adapts an agent's or an aggregator's pod.
func (e *editor) watcher(spec *corev1.PodSpec, resources corev1.ResourceRequirements) {
	c := &spec.Containers[0]
	c.Image, c.ImagePullPolicy = e.Image, e.ImagePullPolicy
	merge(&c.Resources, resources)
	const discovery = "--discovery-srv="
	for i, arg := range c.Args {
		if strings.HasPrefix(arg, discovery) {
			c.Args[i] = fmt.Sprintf("%s%s.%s.svc", discovery, kube.Service, e.namespace)
		}
	}
	if !e.secure {
		plainWatcher(spec)
	}
}
