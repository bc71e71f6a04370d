package model

import (
	"slices"
	"time"
)

// KindDrill is the kind of Drill.
const KindDrill = "Drill"

// DrillTarget says whose leader a drill ends.
type DrillTarget string

// The targets of a drill.
const (
	DrillEtcd       DrillTarget = "etcd"
	DrillAggregator DrillTarget = "aggregator"
)

// DrillMethod is how a drill ends a leader.
type DrillMethod string

// The methods.
const (
	DrillKill DrillMethod = "kill" // SIGKILL: a crash
	DrillTerm DrillMethod = "term" // SIGTERM: a clean stop, which hands over
	DrillStop DrillMethod = "stop" // SIGSTOP: a hang, ended by SIGCONT
)

// DrillMethods lists the methods.
func DrillMethods() []DrillMethod { return []DrillMethod{DrillKill, DrillTerm, DrillStop} }

// DrillEvent is what a mark of a timeline tells of.
type DrillEvent string

// The marks of a kill of the etcd leader, and of one of the aggregators' leader,
// each in the order in which they are expected.
const (
	MarkSignal     DrillEvent = "signal"                  // the signal was sent
	MarkLastWrite  DrillEvent = "last write acknowledged" // by the old leader
	MarkFirstError DrillEvent = "first error"             // of a probe's call
	MarkNewLeader  DrillEvent = "new leader"              // a member says so; of aggregators, its key is the first
	MarkFirstWrite DrillEvent = "first write acknowledged"
	MarkResumed    DrillEvent = "old leader goes on"   // after a hang
	MarkWatch      DrillEvent = "watch caught up"      // the watch has told of that write
	MarkHeartbeats DrillEvent = "heartbeats caught up" // those that fell due meanwhile are there

	MarkKeyGone DrillEvent = "leader's key gone"
	MarkOffice  DrillEvent = "first write of its term"
)

// DrillMark is one moment of a timeline.
type DrillMark struct {
	Event  DrillEvent `json:"event"`
	At     float64    `json:"at"` // seconds since the signal was sent
	Detail string     `json:"detail,omitempty"`
}

// DrillGap is a length of time that a drill measures, by its name. One that has
// the name of a mark is from the signal to that mark.
type DrillGap string

// The gaps.
const (
	GapWrites     DrillGap = "no write acknowledged" // between the last and the first
	GapLeader              = DrillGap(MarkNewLeader)
	GapWatch               = DrillGap(MarkWatch)
	GapHeartbeats          = DrillGap(MarkHeartbeats)
	GapKey                 = DrillGap(MarkKeyGone)
	GapOffice              = DrillGap(MarkOffice)
	GapBack       DrillGap = "back" // from the start, or from SIGCONT, until it takes part again
)

// DrillGaps lists the gaps in the order in which they are shown.
func DrillGaps() []DrillGap {
	return []DrillGap{GapKey, GapLeader, GapWrites, GapOffice, GapWatch, GapHeartbeats, GapBack}
}

// DrillRun is one leader ended, and what came of it.
type DrillRun struct {
	Target DrillTarget `json:"target"`
	Method DrillMethod `json:"method"`
	Name   string      `json:"name"` // of the leader that was ended
	// Graceful is why the leader could only be asked to end, by the deletion of its
	// pod: it handed over first. Empty where it got the method's signal.
	Graceful string `json:"graceful,omitempty"`
	// Term is raft's, or that of the aggregator's summary; Token is the create
	// revision of an aggregator's key.
	Term  uint64    `json:"term"`
	Token int64     `json:"token,omitempty"`
	Time  time.Time `json:"time"` // of the signal

	Successor      string `json:"successor"`
	SuccessorTerm  uint64 `json:"successorTerm"`
	SuccessorToken int64  `json:"successorToken,omitempty"`
	// Refused tells that a write under an aggregator's old token was tried, and was
	// refused.
	Refused bool `json:"refused,omitempty"`

	Timeline []DrillMark          `json:"timeline"`
	Gaps     map[DrillGap]float64 `json:"gaps"` // seconds

	// Before and After are the members, where etcd's leader was ended.
	Before []Member `json:"before,omitempty"`
	After  []Member `json:"after,omitempty"`

	Proof []DrillPromise `json:"proof,omitempty"`
}

// DrillPromise is one thing that must hold whatever is killed, how often it was
// looked at, and how often it did not.
type DrillPromise struct {
	Of      string `json:"of"`    // what was looked at: "acknowledged writes"
	Fault   string `json:"fault"` // what must not be: "lost"
	Checked int    `json:"checked"`
	Broken  int    `json:"broken"`
	// Details names the first few that broke it.
	Details []string `json:"details,omitempty"`
}

// DrillStatistic sums one gap up over the runs against one target, in seconds. A
// percentile is the least value that so many of the runs did not exceed.
type DrillStatistic struct {
	Target DrillTarget `json:"target"`
	Gap    DrillGap    `json:"gap"`
	Runs   int         `json:"runs"`
	P50    float64     `json:"p50"`
	P99    float64     `json:"p99"`
	Max    float64     `json:"max"`
}

// Drill is what `leader-kill` shows in the end.
type Drill struct {
	TypeMeta `json:",inline"`
	// ElectionTimeout is raft's, in seconds; 0 if it is not known.
	ElectionTimeout float64          `json:"electionTimeout,omitempty"`
	Runs            []DrillRun       `json:"items"`
	Gaps            []DrillStatistic `json:"gaps"`
	// Proof has every promise, summed up over the runs.
	Proof []DrillPromise `json:"proof"`
}

// Broken are the promises that did not hold.
func (d *Drill) Broken() []DrillPromise {
	return slices.DeleteFunc(slices.Clone(d.Proof), func(p DrillPromise) bool { return p.Broken == 0 })
}
