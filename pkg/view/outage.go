package view

import "time"

// outage is a time during which the store cannot be read.
type outage struct {
	reason string
	since  time.Time
}

// Lost tells that the store cannot be read, and why. Every node is Unknown then,
// and keeps the state that it had when Lost was first called.
func (v *View) Lost(reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	since := v.now()
	if v.lost != nil {
		since = v.lost.since
	}
	v.lost = &outage{reason, since}
}

// Found tells that the store can be read, and that the view is in step with it.
func (v *View) Found() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lost != nil {
		v.away += v.now().Sub(v.lost.since)
		v.lost = nil
	}
}

// heard is now by a clock that stands still during outages. Silence is measured
// by it: that nothing is heard in an outage says nothing of a node.
func (v *View) heard(now time.Time) time.Time {
	if v.lost != nil {
		now = v.lost.since
	}
	return now.Add(-v.away)
}
