package kube

import "fmt"

// The objects that deploy creates. Those named etcd are in the members'
// namespace, those named monitor in the agents'.
const (
	DefaultNamespace      = "etcd"
	DefaultAgentNamespace = "monitor"

	StatefulSet   = "etcd"
	Service       = "etcd-service" // the only one that selects members; headless
	AgentSet      = "monitor-agent"
	AggregatorSet = "monitor-aggregator"

	// ClientPort and PeerPort are the members', MetricsPort is plain HTTP and
	// has the probes.
	ClientPort  = 2379
	PeerPort    = 2380
	MetricsPort = 8080
)

// Secrets of type kubernetes.io/tls, with ca.crt beside tls.crt and tls.key. The
// last two are in the agents' namespace.
const (
	SecretCA         = "etcd-ca"
	SecretPeer       = "etcd-peer"
	SecretServer     = "etcd-server"
	SecretAdmin      = "etcd-admin"
	SecretViewer     = "etcd-viewer"
	SecretAgent      = "etcd-agent"
	SecretAggregator = "etcd-aggregator"
)

// Labels of every object that deploy creates, and of the pods.
const (
	LabelName      = "app.kubernetes.io/name"       // the workload: StatefulSet, AgentSet or AggregatorSet
	LabelManagedBy = "app.kubernetes.io/managed-by" // ManagedBy
	LabelPartOf    = "app.kubernetes.io/part-of"    // ManagedBy
	ManagedBy      = "kubectl-monitor"
)

// MemberPod is the name of the member with that ordinal, and of its pod.
func MemberPod(ordinal int) string { return fmt.Sprintf("%s-%d", StatefulSet, ordinal) }

// MemberHost is the DNS name of a member's pod within the cluster.
func MemberHost(pod, namespace string) string {
	return fmt.Sprintf("%s.%s.%s.svc", pod, Service, namespace)
}
