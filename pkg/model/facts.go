package model

// Facts is what Kubernetes itself knows of a cluster of ours: what is true of its
// nodes and pods, whatever etcd says.
type Facts struct {
	Nodes []NodeFacts
	// Members and Aggregators are by the pods' names.
	Members     []PodFacts
	Aggregators []PodFacts
	// Errors names what could not be read, for instance for lack of a right.
	Errors []string
}

// NodeFacts is what Kubernetes knows of a node.
type NodeFacts struct {
	Name     string
	Ready    bool
	Reason   string // why it is not
	Cordoned bool
	Agent    *PodFacts // the agent's pod; nil if there is none
}

// PodFacts is what Kubernetes knows of a pod.
type PodFacts struct {
	Name     string
	Node     string
	Ready    bool
	Reason   string // why it is not
	Restarts int
}
