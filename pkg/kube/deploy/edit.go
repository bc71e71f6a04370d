package deploy

import (
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// editor adapts the manifests' objects to the options.
type editor struct {
	Options

	namespace, agentNamespace string
	secure                    bool
}

func (e *editor) edit(object runtime.Object) error {
	if err := e.move(object); err != nil {
		return err
	}
	switch o := object.(type) {
	case *corev1.ConfigMap:
		e.cluster(o)
	case *corev1.Service:
		e.service(o)
	case *networkingv1.NetworkPolicy:
		e.policy(o)
	case *appsv1.StatefulSet:
		return e.members(o)
	case *appsv1.DaemonSet:
		e.watcher(&o.Spec.Template.Spec, e.AgentResources)
	case *appsv1.Deployment:
		o.Spec.Replicas = new(int32(e.Aggregators))
		spec := &o.Spec.Template.Spec
		spec.Tolerations = append(spec.Tolerations, e.Tolerations...)
		e.watcher(spec, e.AggregatorResources)
	}
	return nil
}

// move puts an object into the namespace that the options name for the
// manifests' own.
func (e *editor) move(object runtime.Object) error {
	m, err := meta.Accessor(object)
	if err != nil {
		return fmt.Errorf("read the manifests: %w", err)
	}
	if _, ok := object.(*corev1.Namespace); ok {
		m.SetName(e.moved(m.GetName()))
		return nil
	}
	m.SetNamespace(e.moved(m.GetNamespace()))
	return nil
}

func (e *editor) moved(namespace string) string {
	if namespace == kube.DefaultNamespace {
		return e.namespace
	}
	return e.agentNamespace
}

// policy follows the namespaces that a policy names.
func (e *editor) policy(p *networkingv1.NetworkPolicy) {
	var peers []networkingv1.NetworkPolicyPeer
	for _, rule := range p.Spec.Ingress {
		peers = append(peers, rule.From...)
	}
	for _, rule := range p.Spec.Egress {
		peers = append(peers, rule.To...)
	}
	for _, peer := range peers {
		if s := peer.NamespaceSelector; s != nil && s.MatchLabels[corev1.LabelMetadataName] != "" {
			s.MatchLabels[corev1.LabelMetadataName] = e.moved(s.MatchLabels[corev1.LabelMetadataName])
		}
	}
}

// merge is what the manifests say, but for what the options do.
func merge(manifest *corev1.ResourceRequirements, options corev1.ResourceRequirements) {
	maps.Copy(manifest.Requests, options.Requests)
	maps.Copy(manifest.Limits, options.Limits)
}
