package deploy

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// secrets are the certificates where each is used. The CA's key stays with the
// members.
func (e *editor) secrets(b *pki.Bundle) []runtime.Object {
	var secrets []runtime.Object
	for _, s := range []struct {
		namespace, name, workload string
		pair                      pki.Pair
	}{
		{e.namespace, kube.SecretCA, kube.StatefulSet, b.CA},
		{e.namespace, kube.SecretPeer, kube.StatefulSet, b.Peer},
		{e.namespace, kube.SecretServer, kube.StatefulSet, b.Server},
		{e.namespace, kube.SecretAdmin, kube.StatefulSet, b.Admin},
		{e.namespace, kube.SecretViewer, kube.StatefulSet, b.Viewer},
		{e.agentNamespace, kube.SecretAgent, kube.AgentSet, b.Agent},
		{e.agentNamespace, kube.SecretAggregator, kube.AggregatorSet, b.Aggregator},
	} {
		secrets = append(secrets, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: s.name, Namespace: s.namespace, Labels: map[string]string{
				kube.LabelName: s.workload, kube.LabelPartOf: kube.ManagedBy, kube.LabelManagedBy: kube.ManagedBy,
			}},
			Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{
				corev1.TLSCertKey: s.pair.Cert, corev1.TLSPrivateKeyKey: s.pair.Key, corev1.ServiceAccountRootCAKey: b.CA.Cert,
			},
		})
	}
	return secrets
}
