package model

import (
	"encoding/json"
	"errors"
	"time"
)

// KindEventList is the kind of EventList.
const KindEventList = "EventList"

// MaxEvents is how many events are kept: the newest.
const MaxEvents = 10_000

// EventType says what happened.
type EventType string

// The types of event.
const (
	EventJoined   EventType = "joined"   // a node that was not known before
	EventLeft     EventType = "left"     // a node stopped in good order
	EventDied     EventType = "died"     // a node's lease ended, or its key was deleted
	EventReturned EventType = "returned" // a node that had died or left
	EventApplied  EventType = "applied"  // an agent applied a config
	EventRejected EventType = "rejected" // an agent could not use a config
	EventLeader   EventType = "leader"   // an aggregator began to lead
	// EventGap: what happened between two revisions is not known in detail, since
	// etcd has compacted it away while no aggregator led. The events after it say
	// how what is there now differs from what was there before.
	EventGap EventType = "gap"
)

// EventTypes lists every type.
func EventTypes() []EventType {
	return []EventType{EventJoined, EventLeft, EventDied, EventReturned, EventApplied, EventRejected, EventLeader, EventGap}
}

// Cause is why an aggregator began to lead.
type Cause string

// The causes of a change of leader.
const (
	CauseFirst    Cause = "first"    // nobody has led before
	CauseResigned Cause = "resigned" // the one before stopped in good order
	CauseDied     Cause = "died"     // its process was found dead
	CauseExpired  Cause = "expired"  // its lease ended
	CauseDeposed  Cause = "deposed"  // its key was deleted by another client
)

// Event is one thing that happened, as the leading aggregator wrote it down.
type Event struct {
	// Seq numbers events without gaps, 1 for the first. It is in the key too.
	Seq  int64     `json:"seq"`
	Type EventType `json:"type"`
	Time time.Time `json:"time"` // when the aggregator saw it, by its clock
	// Host is the node's name; empty for events of type leader and gap.
	Host string `json:"host,omitempty"`
	// Revision is the mod revision of the heartbeat's put or delete that the event
	// follows from; for a leader, the create revision of its key.
	Revision int64  `json:"revision,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Term is that of the leader who wrote the event, By its name.
	Term int64  `json:"term"`
	By   string `json:"by"`

	// Config is the revision of the config applied, or in force after a rejection.
	Config int64 `json:"config,omitempty"`

	// Leader and Previous are names of aggregators; Previous is empty if unknown.
	Leader   string `json:"leader,omitempty"`
	Previous string `json:"previous,omitempty"`
	Cause    Cause  `json:"cause,omitempty"`
	// Without is for how many seconds nobody led, as the new leader measured it;
	// nil where it cannot know.
	Without *float64 `json:"without,omitempty"`

	// From and To are the revisions between which a gap is.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
}

// DecodeEvent reads what is under an event key.
func DecodeEvent(data []byte) (*Event, error) {
	var e Event
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, errors.New("not an event's JSON object")
	}
	if e.Type == "" {
		return nil, errors.New(`an event has a "type"`)
	}
	return &e, nil
}

// EventList is what `events` shows, the oldest first.
type EventList struct {
	TypeMeta `json:",inline"`
	Items    []Event  `json:"items"`
	Errors   []string `json:"errors,omitempty"`
}
