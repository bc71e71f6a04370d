package model

import "time"

// KindRollout is the kind of Rollout.
const KindRollout = "Rollout"

// Rollout is what `rollout` shows: how far the stored configuration came at each
// host.
type Rollout struct {
	TypeMeta `json:",inline"`
	Items    []RolloutItem `json:"items"`
	Errors   []string      `json:"errors,omitempty"`
}

// RolloutState is how far the stored configuration came at one host.
type RolloutState string

// The states of a host's configuration.
const (
	RolloutSynced   RolloutState = "Synced"   // the agent has applied what is stored
	RolloutPending  RolloutState = "Pending"  // it has not yet
	RolloutRejected RolloutState = "Rejected" // it cannot use it, and says why
	RolloutOpaque   RolloutState = "Opaque"   // an agent that is not ours: it does not tell
	RolloutStale    RolloutState = "Stale"    // the agent is not heard of
	RolloutDead     RolloutState = "Dead"     // there is no agent
	RolloutLeft     RolloutState = "Left"     // the agent is leaving, in good order
	RolloutInvalid  RolloutState = "Invalid"  // what is under its key is no heartbeat
	RolloutUnknown  RolloutState = "Unknown"  // the store cannot be read
)

// RolloutItem is one host's part in a Rollout.
type RolloutItem struct {
	Name   string       `json:"name"`
	State  RolloutState `json:"state"`
	Reason string       `json:"reason,omitempty"`
	// Wanted is the highest mod revision of what is stored for the host, deletions
	// included where they are known; 0 if nothing is.
	Wanted int64 `json:"wantedRevision"`
	// Applied is the highest that the agent has applied; nil if nobody tells.
	Applied *int64 `json:"appliedRevision"`
	// PushedAt is when the wanted revision was pushed, by the pusher's clock, and
	// Age the seconds since; nil if it left no log entry.
	PushedAt *time.Time `json:"pushedAt,omitempty"`
	Age      *float64   `json:"age"`
}

// Behind reports whether the agent still has to apply what is wanted: one that
// there is, and that has not refused it.
func (i *RolloutItem) Behind() bool {
	switch i.State {
	case RolloutPending, RolloutUnknown:
		return true
	case RolloutStale:
		return i.Applied != nil && *i.Applied < i.Wanted
	}
	return false
}
