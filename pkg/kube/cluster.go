package kube

import (
	"fmt"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Config says which cluster, and where in it.
type Config struct {
	REST *rest.Config
	// Context is the kubeconfig's, for the reader.
	Context string
	// Namespace is the members', AgentNamespace the agents' and aggregators'.
	Namespace, AgentNamespace string
}

// Cluster is a Kubernetes cluster in which ours runs, or is to.
type Cluster struct {
	Config
	Client kubernetes.Interface
}

// The client's own limit of 5 requests a second is for controllers. A command
// asks for some dozens of objects at once, and then no more.
const (
	requestsPerSecond = 100
	requestsAtOnce    = 200
)

// Open makes a client. It does not connect: the first call does.
func Open(cfg Config) (*Cluster, error) {
	cfg.REST = rest.CopyConfig(cfg.REST)
	cfg.REST.QPS, cfg.REST.Burst = requestsPerSecond, requestsAtOnce
	// What the API server warns of concerns who writes manifests.
	cfg.REST.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(cfg.REST)
	if err != nil {
		return nil, fmt.Errorf("make client of context %q: %w", cfg.Context, err)
	}
	return &Cluster{Config: cfg, Client: client}, nil
}

// Name names the cluster to the reader.
func (c *Cluster) Name() string {
	return fmt.Sprintf("context %s, namespace %s", c.Context, c.Namespace)
}
