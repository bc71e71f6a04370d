package etcd

import "time"

// silence is a timer that tells when nothing was heard for some time.
//
// A process that stands still, because it is stopped, waits for a processor or collects
// garbage, does not listen meanwhile: what it was to hear may wait to be read. It listens
// for a while more before it takes that for the other's silence, or thousands of agents
// that stood still together would all look for another member at once.
type silence struct {
	*time.Timer
	length time.Duration
	end    time.Time
	more   time.Duration // that it has been longer than length
}

// stoodStill is by how much a timer is late in a process that stands still.
const stoodStill = 100 * time.Millisecond

func newSilence(length time.Duration) *silence {
	return &silence{Timer: time.NewTimer(length), length: length, end: time.Now().Add(length)}
}

// reset begins anew: something was heard, or is expected to be.
func (s *silence) reset(length time.Duration) {
	s.length, s.more = length, 0
	s.set(length)
}

func (s *silence) set(d time.Duration) {
	s.end = time.Now().Add(d)
	s.Reset(d)
}

// listened reports, when the timer has fired, whether the process listened all the time.
// If not, the timer fires again when it has listened for as long as it had not, until the
// silence is twice as long as it was to be.
func (s *silence) listened() bool {
	late := time.Since(s.end)
	if late < stoodStill || s.more >= s.length {
		return true
	}
	late = min(late, s.length-s.more)
	s.more += late
	s.set(late)
	return false
}
