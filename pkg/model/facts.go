package model

import "time"

// Facts is what Kubernetes itself knows of a cluster of ours: what is true of its
// nodes and pods, whatever etcd says.
type Facts struct {
	Nodes []NodeFacts // sorted by name
	// AllNodes tells that Nodes are all that there are, since Kubernetes has listed
	// them. Else they are those that a pod of ours names.
	AllNodes bool
	// Members are in the order of their ordinals, Aggregators by the pods' names.
	Members     []MemberFacts
	Aggregators []PodFacts
	// Errors names what could not be read, for instance for lack of a right.
	Errors []string
}

// NodeFacts is what Kubernetes knows of a node.
type NodeFacts struct {
	Name string `json:"-"`
	// Ready is nil where it could not be read.
	Ready *bool `json:"ready"`
	// Reason is why the node is not ready, or what it suffers from.
	Reason string `json:"reason,omitempty"`
	// Since is when the node stopped being ready; nil while it is.
	Since    *time.Time `json:"since,omitempty"`
	Cordoned bool       `json:"cordoned"`
	// Agent is the agent's pod. Where there is none NoAgent says why; both are empty
	// where pods could not be read.
	Agent   *PodFacts `json:"agent"`
	NoAgent string    `json:"noAgent,omitempty"`
	// Excluded tells that no agent is wanted there: the node is not expected.
	Excluded bool `json:"excluded,omitempty"`
	// Kubelet is what came of asking the node itself; nil if it was not asked.
	Kubelet *Kubelet `json:"kubelet,omitempty"`
}

// Kubelet is what a node's kubelet told of the agent that it runs.
type Kubelet struct {
	Answers bool   `json:"answers"`
	Reason  string `json:"reason,omitempty"` // why it does not
	// AgentSays is the last line of the agent's log, and AgentFails tells that it is
	// a warning or an error.
	AgentSays  string `json:"agentSays,omitempty"`
	AgentFails bool   `json:"agentFails,omitempty"`
}

// PodFacts is what Kubernetes knows of a pod.
type PodFacts struct {
	Name     string `json:"name"`
	Node     string `json:"node,omitempty"` // empty until it is scheduled
	Ready    bool   `json:"ready"`
	Reason   string `json:"reason,omitempty"` // why it is not
	Restarts int    `json:"restarts"`         // of all its containers
}

// MemberFacts is what Kubernetes knows of an etcd member.
type MemberFacts struct {
	Name string
	// Pod is the member's. Where there is none NoPod says why; both are empty where
	// pods could not be read.
	Pod    *PodFacts
	NoPod  string
	Volume *Volume // nil if there is none, or none that could be read
}

// Volume is the claim that holds a member's data.
type Volume struct {
	Name string `json:"name"`
	// Capacity and Used are in bytes; nil while the claim is not bound, and where
	// the kubelet does not tell the usage or may not be asked.
	Capacity *int64 `json:"capacity"`
	Used     *int64 `json:"used"`
}
