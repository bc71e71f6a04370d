package bench

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSlowStartHoldsUpTheNextOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{starting: make(chan struct{}, 1)}
		for took, rest := range map[time.Duration]time.Duration{
			slowStart / 2: 0,
			2 * slowStart: 4 * time.Second,
			3 * slowStart: 9 * time.Second,
		} {
			f.starting <- struct{}{}
			began := time.Now()
			f.begun(took)
			f.starting <- struct{}{} // the next one
			if waited := time.Since(began); waited != rest {
				t.Errorf("after a start of %v the next one waited %v, want %v", took, waited, rest)
			}
			<-f.starting
		}
	})
}
