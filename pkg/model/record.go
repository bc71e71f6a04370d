package model

import (
	"encoding/json"
	"time"
)

// APIVersion is the version of the records that commands print.
const APIVersion = "monitor/v1alpha1"

// The kinds of record that commands print.
const (
	KindStatus      = "Status"
	KindNodeList    = "NodeList"
	KindMemberList  = "MemberList"
	KindLeader      = "Leader"
	KindConfigList  = "ConfigList"
	KindProcessList = "ProcessList"
)

// TypeMeta begins every record that a command prints.
type TypeMeta struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	ObservedAt time.Time `json:"observedAt"`
	// Target names the cluster that was looked at.
	Target string `json:"target,omitempty"`
}

// NewTypeMeta fills in the beginning of a record.
func NewTypeMeta(kind, target string, at time.Time) TypeMeta {
	return TypeMeta{APIVersion: APIVersion, Kind: kind, ObservedAt: at.UTC(), Target: target}
}

// Status is what `status` shows.
type Status struct {
	TypeMeta `json:",inline"`
	Verdict  Verdict    `json:"verdict"`
	Reasons  []string   `json:"reasons,omitempty"` // why it is not HEALTHY
	Quorum   Quorum     `json:"quorum"`
	Leader   LeaderInfo `json:"leader"`
	// Aggregator says who leads the aggregators.
	Aggregator AggregatorLeader `json:"aggregator"`
	Counts     NodeCounts       `json:"nodeCounts"`
	Members    []Member         `json:"members"`
	Nodes      []Node           `json:"nodes"`
	// Errors names the sources that could not be read.
	Errors []string `json:"errors,omitempty"`
}

// NodeList is what `nodes` shows.
type NodeList struct {
	TypeMeta `json:",inline"`
	Counts   NodeCounts `json:"nodeCounts"`
	Items    []Node     `json:"items"`
	Errors   []string   `json:"errors,omitempty"`
}

// MemberList is what `members` shows.
type MemberList struct {
	TypeMeta  `json:",inline"`
	ClusterID string   `json:"clusterID,omitempty"`
	Quorum    Quorum   `json:"quorum"`
	Items     []Member `json:"items"`
	Errors    []string `json:"errors,omitempty"`
}

// LeaderInfo names the raft leader.
type LeaderInfo struct {
	Name string `json:"name,omitempty"`
	ID   string `json:"id,omitempty"`
	Term uint64 `json:"term,omitempty"`
}

// Candidate is a member and whether it could lead.
type Candidate struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Role   Role   `json:"role"`
	Can    bool   `json:"canLead"`
	Reason string `json:"reason,omitempty"`
	// Lag is the number of raft entries that the member is behind; nil if unknown.
	Lag *uint64 `json:"raftLag"`
}

// Leader is what `leader` shows.
type Leader struct {
	TypeMeta   `json:",inline"`
	Leader     LeaderInfo  `json:"leader"`
	Quorum     Quorum      `json:"quorum"`
	Candidates []Candidate `json:"items"`
	// Aggregator says who leads the aggregators.
	Aggregator AggregatorLeader `json:"aggregator"`
	Errors     []string         `json:"errors,omitempty"`
}

// ConfigItem is one stored config. Host is a host's name, or DefaultHost.
type ConfigItem struct {
	Host     string          `json:"host"`
	Revision int64           `json:"revision"` // mod revision; 0 if there is none
	Config   json.RawMessage `json:"config"`
	// Error says why what is stored is not a valid config.
	Error string `json:"error,omitempty"`
}

// DefaultHost stands in a host's place for the config of every host.
const DefaultHost = "_default"

// ConfigList is what `config get` shows and `config apply` takes back.
type ConfigList struct {
	TypeMeta `json:",inline"`
	Items    []ConfigItem `json:"items"`
}
