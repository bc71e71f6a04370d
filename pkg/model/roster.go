package model

import (
	"errors"
	"time"
)

// RosterEntry is what is remembered of a node, whether it lives or not. It is
// written on a change only.
type RosterEntry struct {
	First time.Time `json:"first"` // when the node was first seen
	State NodeState `json:"state"` // NodeAlive, NodeDead or NodeLeft
	Since time.Time `json:"since"`
	// Why is the reason of the state; empty where there is nothing to say.
	Why string `json:"why,omitempty"`
	// Revision is the mod revision of the last put or delete of the node's
	// heartbeat that changed this entry: what is not newer has been counted.
	Revision    int64  `json:"revision"`
	ConfigRev   int64  `json:"config_rev,omitempty"`
	ConfigError string `json:"config_error,omitempty"`

	unknown fields // of later versions, kept when the entry is written back
}

type plainRosterEntry RosterEntry

// DecodeRosterEntry reads what is under a roster key.
func DecodeRosterEntry(data []byte) (*RosterEntry, error) {
	var e plainRosterEntry
	rest, err := decodeKeeping(data, &e)
	if err != nil {
		return nil, errors.New("not a roster entry's JSON object")
	}
	switch e.State {
	case NodeAlive, NodeDead, NodeLeft:
	default:
		return nil, errors.New(`"state" is neither Alive, Dead nor Left`)
	}
	e.unknown = rest
	return (*RosterEntry)(&e), nil
}

// MarshalJSON writes the entry, with the fields that it was read with and does
// not know.
func (e RosterEntry) MarshalJSON() ([]byte, error) {
	return encodeKeeping(plainRosterEntry(e), e.unknown)
}

// RosterCounts counts the roster by state.
type RosterCounts struct {
	Total int `json:"total"`
	Alive int `json:"alive"`
	Dead  int `json:"dead"`
	Left  int `json:"left"`
}

// Add counts one more entry of state s, or n of them; n may be negative.
func (c *RosterCounts) Add(s NodeState, n int) {
	c.Total += n
	switch s {
	case NodeAlive:
		c.Alive += n
	case NodeDead:
		c.Dead += n
	case NodeLeft:
		c.Left += n
	}
}

// MaxChanges is how many changes of leader a summary remembers.
const MaxChanges = 8

// Summary is the leading aggregator's account of how far it has come.
type Summary struct {
	Verdict Verdict      `json:"verdict,omitempty"`
	Counts  RosterCounts `json:"counts"`

	Leader Aggregator `json:"leader"`
	Term   int64      `json:"term"`  // counts leaderships
	Token  int64      `json:"token"` // the create revision of the leader's key
	Since  time.Time  `json:"since"` // when the term began
	// Resigned tells that the leader has stopped in good order.
	Resigned bool `json:"resigned,omitempty"`

	// Cursor is the revision up to which every change of a heartbeat is in the
	// roster and the events.
	Cursor int64 `json:"cursor"`
	// Seq is the number of the newest event.
	Seq     int64     `json:"seq"`
	Written time.Time `json:"written"`
	// Changes are the last MaxChanges events of type EventLeader, the newest first:
	// among the events they may be trimmed away.
	Changes []Event `json:"changes,omitempty"`

	unknown fields
}

type plainSummary Summary

// DecodeSummary reads what is under the summary's key.
func DecodeSummary(data []byte) (*Summary, error) {
	var s plainSummary
	rest, err := decodeKeeping(data, &s)
	if err != nil {
		return nil, errors.New("not a summary's JSON object")
	}
	s.unknown = rest
	return (*Summary)(&s), nil
}

// MarshalJSON writes the summary, with the fields that it was read with and does
// not know.
func (s Summary) MarshalJSON() ([]byte, error) {
	return encodeKeeping(plainSummary(s), s.unknown)
}
