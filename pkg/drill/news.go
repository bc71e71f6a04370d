package drill

import (
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// News is what a drill tells of while it goes on, one at a time.
type News interface{ news() }

// Entered tells that the runs against a target begin.
type Entered struct{ Target model.DrillTarget }

// Standing is how the members are, before and after their leader is ended.
type Standing struct {
	Members []model.Member
	Leader  model.LeaderInfo
	Quorum  model.Quorum
}

// Line is who leads the aggregators, and who is next.
type Line struct {
	Leader   model.Aggregator
	Standbys []model.Aggregator
	Token    int64
	Term     int64 // 0 if it is not known
}

// Begun tells that a leader is about to be ended. Run has its target, method
// and name.
type Begun struct {
	Run    *model.DrillRun
	Number int // of the runs against this target, 1 for the first
	Of     int
	Nodes  int // that are watched over
}

// Marked is one more moment of the timeline, in the order of their times.
type Marked struct{ model.DrillMark }

// Ticking tells, some times a second, that the drill waits for the next mark.
type Ticking struct {
	At float64 // seconds since the signal
	// Without is for how many seconds no write has been acknowledged; 0 where
	// that is not what is waited for.
	Without float64
}

// Restoring tells that what was ended is started again, or goes on.
type Restoring struct{ Run *model.DrillRun }

// Delayed tells what keeps that which was ended from running again; an empty Why
// that nothing does any more.
type Delayed struct {
	Run *model.DrillRun
	Why string
}

// Finished is a run with all that came of it.
type Finished struct {
	Run    *model.DrillRun
	Number int
	Of     int
}

// Skipped tells why a target that was entered is left out.
type Skipped struct{ Reason string }

// Observing tells that the nodes are watched over for some more seconds: a node
// whose lease was not kept alive in an election would die only now.
type Observing struct{ Seconds float64 }

// Restored names what a drill that was cut short has made run again; Err is why
// it could not.
type Restored struct {
	Name string
	Err  error
}

func (Entered) news()   {}
func (Standing) news()  {}
func (Line) news()      {}
func (Begun) news()     {}
func (Marked) news()    {}
func (Ticking) news()   {}
func (Restoring) news() {}
func (Delayed) news()   {}
func (Finished) news()  {}
func (Skipped) news()   {}
func (Observing) news() {}
func (Restored) news()  {}
