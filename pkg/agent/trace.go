package agent

import "time"

// Trace is told what becomes of an agent's samples, by the agent's goroutines: it
// must not block. Any of its functions may be nil.
type Trace struct {
	Put     func(Put)
	Dropped func() // a sample was not sent: a newer one took its place
	Lost    func() // the lease of the heartbeat has ended: the node is shown Dead
}

// Put is one attempt to put a heartbeat, or to get the lease for it.
type Put struct {
	Began    time.Time // when it was sent
	Took     time.Duration
	Revision int64 // at which it is stored; 0 with an error
	Err      error
}

func (t *Trace) put(p Put) {
	if t.Put != nil {
		t.Put(p)
	}
}

func (t *Trace) dropped() {
	if t.Dropped != nil {
		t.Dropped()
	}
}

func (t *Trace) lost() {
	if t.Lost != nil {
		t.Lost()
	}
}
