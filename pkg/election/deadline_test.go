package election

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestADeadlineIsWellBeforeTheEndOfTheLease(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{
		time.Second:      500 * time.Millisecond,
		2 * time.Second:  time.Second,
		5 * time.Second:  3 * time.Second,
		10 * time.Second: 8 * time.Second,
		60 * time.Second: 48 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDeadline()
			sent := time.Now()
			time.Sleep(ttl / 10) // until the answer: it does not count
			d.extend(sent, ttl)
			d.pass(t.Context(), func() {
				if got := time.Since(sent); got != want {
					t.Errorf("TTL %v: the deadline passed %v after the renewal was sent, want %v", ttl, got, want)
				}
			})
		})
	}
}

func TestADeadlineThatIsExtendedDoesNotPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDeadline()
		d.extend(time.Now(), 5*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		passed := make(chan struct{})
		go func() { d.pass(ctx, func() { t.Error("passed") }); close(passed) }()
		for range 100 {
			time.Sleep(2 * time.Second)
			d.extend(time.Now(), 5*time.Second)
			d.extend(time.Now().Add(-time.Hour), 5*time.Second) // answered late
			if !d.ahead() {
				t.Error("extended, and over")
			}
		}
		cancel()
		<-passed
	})
}
