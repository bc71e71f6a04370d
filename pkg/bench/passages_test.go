package bench

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPutIsMatchedWithItsArrivalWhicheverIsKnownFirst(t *testing.T) {
	t.Parallel()
	var w window
	lane := newLatency()
	p := newPassages(&w, lane)
	start := time.Now()
	w.open(start)
	p.arrived(0, 7, start.Add(40*time.Millisecond)) // before the put's answer
	p.sent(7, start.Add(10*time.Millisecond))
	p.sent(8, start.Add(20*time.Millisecond))
	p.arrived(0, 8, start.Add(30*time.Millisecond))
	p.arrived(0, 8, start.Add(50*time.Millisecond)) // told again after a lost watch
	p.arrived(0, 9, start)                          // of a put whose answer was lost
	p.sent(6, start.Add(-time.Second))
	p.arrived(0, 6, start) // sent before the window
	if got := lane.summary(); got.Count != 2 || !near(got.P50, 0.01) || !near(got.Max, 0.03) {
		t.Errorf("took %+v", got)
	}
}

func TestPutThatNeverArrivesIsCountedAsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w window
		lane := newLatency()
		p := newPassages(&w, lane)
		w.open(time.Now())
		p.sent(1, time.Now())
		time.Sleep(2 * time.Second)
		w.close(time.Now())
		p.await(t.Context())
		want := (2*time.Second + arrivalGrace).Seconds()
		if got := lane.summary(); got.Count != 1 || !near(got.Max, want) {
			t.Errorf("took %+v, want %v s", got, want)
		}
		if p.underWay() != 0 {
			t.Error("it is still under way")
		}
	})
}

// near allows for the digits that are kept.
func near(got, want float64) bool { return got >= want*0.999 && got <= want*1.001 }
