package deploy

import (
	"encoding/base64"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// certificates are those that the cluster's Secrets hold.
func (d *Deployer) certificates(live live) *pki.Bundle {
	b := new(pki.Bundle)
	members, watchers := d.cluster.Namespace, d.cluster.AgentNamespace
	for _, s := range []struct {
		namespace, name string
		pair            *pki.Pair
	}{
		{members, kube.SecretCA, &b.CA},
		{members, kube.SecretPeer, &b.Peer},
		{members, kube.SecretServer, &b.Server},
		{members, kube.SecretAdmin, &b.Admin},
		{members, kube.SecretViewer, &b.Viewer},
		{watchers, kube.SecretAgent, &b.Agent},
		{watchers, kube.SecretAggregator, &b.Aggregator},
	} {
		if secret := live[kindSecret+"/"+s.namespace+"/"+s.name]; secret != nil {
			*s.pair = pki.Pair{Cert: data(secret, corev1.TLSCertKey), Key: data(secret, corev1.TLSPrivateKeyKey)}
		}
	}
	return b
}

// data is a value of a Secret; nil for one that cannot be read, which is as good
// as none.
func data(secret object, name string) []byte {
	text, _, _ := unstructured.NestedString(secret.Object, "data", name)
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return value
}
