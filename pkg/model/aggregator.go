package model

import (
	"encoding/json"
	"errors"
	"time"
)

// DefaultLeaderTTL is how long the other aggregators wait for a leader that is
// cut off: the TTL of its lease.
const DefaultLeaderTTL = 5 * time.Second

// Aggregator is what an aggregator says of itself under its election key: the
// candidate's record.
type Aggregator struct {
	Name     string `json:"name"`
	Instance string `json:"instance"`          // random per start of the process
	Address  string `json:"address,omitempty"` // HOST:PORT of its HTTP server; empty if it has none
	Version  string `json:"version,omitempty"`
}

// DecodeAggregator reads what is under an election key.
func DecodeAggregator(data []byte) (*Aggregator, error) {
	var a Aggregator
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, errors.New("not a candidate's JSON object")
	}
	if a.Name == "" || a.Instance == "" {
		return nil, errors.New(`a candidate has a "name" and an "instance"`)
	}
	return &a, nil
}

// Leadership is whether an aggregator leads, as far as an observer can tell.
type Leadership string

// The kinds of Leadership.
const (
	Leads            Leadership = "leader"
	LeaderNone       Leadership = "none"       // nobody leads
	LeadershipUnseen Leadership = "unknown"    // the store cannot be read
	NotDeployed      Leadership = "undeployed" // nothing says that there should be an aggregator
)

// AggregatorLeader says who leads the aggregators, and who could.
type AggregatorLeader struct {
	State Leadership `json:"state"`
	// Leader is who leads, or, where the state is unknown, who was last seen to.
	Leader   *Aggregator  `json:"leader"`
	Standbys []Aggregator `json:"standbys,omitempty"` // the next in line first
	// Term counts leaderships, 1 for the first.
	Term int64 `json:"term,omitempty"`
	// Token is the create revision of the leader's key, by which its writes are fenced.
	Token int64      `json:"token,omitempty"`
	Since *time.Time `json:"since,omitempty"`
	// Changes are the last events of type EventLeader, the newest first.
	Changes []Event `json:"changes,omitempty"`
}
