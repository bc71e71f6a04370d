package deploy

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// pkiDir is where pods find their certificates, each in a volume of its own.
const pkiDir = "/etc/etcd/pki"

// service names the ports as etcd's SRV records are named: by them, clients know
// whether to use TLS.
func (e *editor) service(s *corev1.Service) {
	if s.Name != kube.Service || e.secure {
		return
	}
	for i := range s.Spec.Ports {
		s.Spec.Ports[i].Name = strings.TrimSuffix(s.Spec.Ports[i].Name, "-ssl")
	}
}

// plainMember takes the TLS out of a member's pod.
func plainMember(spec *corev1.PodSpec) {
	c := &spec.Containers[0]
	c.Env = slices.DeleteFunc(c.Env, func(v corev1.EnvVar) bool {
		return strings.HasPrefix(v.Value, pkiDir) || strings.HasSuffix(v.Name, "_CERT_AUTH") || strings.HasSuffix(v.Name, "_CERT_ALLOWED_CN")
	})
	for i := range c.Env {
		if rest, ok := strings.CutPrefix(c.Env[i].Value, "https:"); ok {
			c.Env[i].Value = "http:" + rest
		}
	}
	dropSecrets(spec)
}

// plainWatcher takes the TLS out of an agent's or an aggregator's pod.
func plainWatcher(spec *corev1.PodSpec) {
	c := &spec.Containers[0]
	c.Args = slices.DeleteFunc(c.Args, func(arg string) bool { return strings.Contains(arg, "="+pkiDir) })
	dropSecrets(spec)
}

func dropSecrets(spec *corev1.PodSpec) {
	spec.Volumes = slices.DeleteFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Secret != nil })
	c := &spec.Containers[0]
	c.VolumeMounts = slices.DeleteFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(m.MountPath, pkiDir) })
}
