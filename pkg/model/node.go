package model

import "time"

// NodeState is what an observer says of a node.
type NodeState string

// The states of a node; package view is the one place that decides on one.
const (
	NodeAlive   NodeState = "Alive"   // heartbeat present and fresh
	NodeStale   NodeState = "Stale"   // heartbeat present, but none new for longer than promised
	NodeDead    NodeState = "Dead"    // expected, and no heartbeat: its lease ended
	NodeLeft    NodeState = "Left"    // left in good order, or Kubernetes no longer has the node
	NodeInvalid NodeState = "Invalid" // what is under the key is not a heartbeat, or its name not a name
	NodeUnknown NodeState = "Unknown" // the store cannot be read
)

// NodeStates lists the states, worst last for those that count as degraded.
func NodeStates() []NodeState {
	return []NodeState{NodeAlive, NodeLeft, NodeUnknown, NodeInvalid, NodeStale, NodeDead}
}

// Degraded reports whether a node in this state degrades the verdict.
func (s NodeState) Degraded() bool {
	return s == NodeStale || s == NodeDead || s == NodeInvalid
}

// Node is one row of the global view.
type Node struct {
	Name   string    `json:"name"`
	State  NodeState `json:"state"`
	Reason string    `json:"reason,omitempty"`
	// LastState is the last known state of a node whose state is Unknown.
	LastState NodeState `json:"lastState,omitempty"`
	// Age is the time in seconds since the last heartbeat; nil if there is none.
	Age *float64 `json:"age"`
	// LastHeartbeat is the agent's own time of it.
	LastHeartbeat *time.Time `json:"lastHeartbeat,omitempty"`
	// Since is when the state began, and FirstSeen when the node was seen first, as
	// the roster tells; nil where it does not.
	Since     *time.Time `json:"since,omitempty"`
	FirstSeen *time.Time `json:"firstSeen,omitempty"`

	Owner          string             `json:"owner,omitempty"`
	Version        string             `json:"version,omitempty"`
	Interval       float64            `json:"interval,omitempty"` // seconds
	TTL            int64              `json:"ttl,omitempty"`      // seconds
	ConfigRevision int64              `json:"configRevision"`     // applied by the agent
	WantedRevision int64              `json:"wantedRevision"`     // of its own and the default config in etcd
	ConfigRejected bool               `json:"configRejected,omitempty"`
	ConfigError    string             `json:"configError,omitempty"`
	Metrics        map[string]float64 `json:"metrics,omitempty"`
	Errors         map[string]string  `json:"errors,omitempty"`

	// Kubernetes is what Kubernetes knows of the node; nil elsewhere.
	Kubernetes *NodeFacts `json:"kubernetes,omitempty"`
}

// NodeCounts counts nodes by state.
type NodeCounts struct {
	Total    int `json:"total"`
	Alive    int `json:"alive"`
	Stale    int `json:"stale"`
	Dead     int `json:"dead"`
	Left     int `json:"left"`
	Invalid  int `json:"invalid"`
	Unknown  int `json:"unknown"`
	Rejected int `json:"configRejected"` // of these, nodes that rejected their config
}

// CountNodes counts nodes by state.
func CountNodes(nodes []Node) NodeCounts {
	var c NodeCounts
	for i := range nodes {
		c.Total++
		if nodes[i].ConfigRejected {
			c.Rejected++
		}
		switch nodes[i].State {
		case NodeAlive:
			c.Alive++
		case NodeStale:
			c.Stale++
		case NodeDead:
			c.Dead++
		case NodeLeft:
			c.Left++
		case NodeInvalid:
			c.Invalid++
		case NodeUnknown:
			c.Unknown++
		}
	}
	return c
}
