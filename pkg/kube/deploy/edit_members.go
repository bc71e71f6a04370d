package deploy

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// cluster lists the members for those that have no data yet.
func (e *editor) cluster(c *corev1.ConfigMap) {
	scheme := "http"
	if e.secure {
		scheme = "https"
	}
	list := make([]string, e.Members)
	for i := range list {
		pod := kube.MemberPod(i)
		list[i] = fmt.Sprintf("%s=%s://%s:%d", pod, scheme, kube.MemberHost(pod, e.namespace), kube.PeerPort)
	}
	c.Data["ETCD_INITIAL_CLUSTER"] = strings.Join(list, ",")
	c.Data["ETCD_INITIAL_CLUSTER_TOKEN"] = kube.StatefulSet + "." + e.namespace
}

// members adapts the StatefulSet.
func (e *editor) members(s *appsv1.StatefulSet) error {
	s.Spec.Replicas = new(int32(e.Members))
	size, err := resource.ParseQuantity(e.StorageSize)
	if err != nil {
		return fmt.Errorf("storage size %q: %w", e.StorageSize, err)
	}
	claim := &s.Spec.VolumeClaimTemplates[0].Spec
	claim.Resources.Requests[corev1.ResourceStorage] = size
	if e.StorageClass != "" {
		claim.StorageClassName = new(e.StorageClass)
	}
	spec := &s.Spec.Template.Spec
	spec.Tolerations = append(spec.Tolerations, e.Tolerations...)
	c := &spec.Containers[0]
	c.Image, c.ImagePullPolicy = e.EtcdImage, e.ImagePullPolicy
	merge(&c.Resources, e.EtcdResources)
	if !e.secure {
		plainMember(spec)
	}
	return nil
}
