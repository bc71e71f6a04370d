package agent

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

const (
	restTTL = 5 * time.Second
	near    = time.Millisecond // what a put takes at least
)

func TestSlowPutsAreFollowedByRestsInProportion(t *testing.T) {
	t.Parallel()
	type step struct{ took, rest time.Duration }
	for interval, steps := range map[time.Duration][]step{
		time.Second: {
			{200 * time.Millisecond, 0},
			{201 * time.Millisecond, 200 * time.Millisecond},
			{near, 0}, // it was one member only
			{2 * time.Second, 200 * time.Millisecond},
			{near + 400*time.Millisecond, 2 * time.Second},
			{near + 300*time.Millisecond, 1500 * time.Millisecond},
			{near, 375 * time.Millisecond}, // the store may be well again
			{near + 500*time.Millisecond, 2500 * time.Millisecond},
			{4 * time.Second, restTTL},
			{near, restTTL / 4},
			{near, restTTL / 16},
			{near, restTTL / 64},
			{near, 0},
		},
		// At most every second heartbeat is left out.
		5 * time.Second: {
			{time.Second, 200 * time.Millisecond},
			{near + 300*time.Millisecond, 7500 * time.Millisecond},
			{near + 500*time.Millisecond, 10 * time.Second},
		},
		// A put that takes longer than the interval is rested for as long.
		100 * time.Millisecond: {
			{time.Second, 200 * time.Millisecond},
			{near + 500*time.Millisecond, near + 500*time.Millisecond},
		},
		time.Hour: {
			{time.Second, 200 * time.Millisecond},
			{time.Second, maxRest},
		},
	} {
		r := rest{fastest: near}
		for i, step := range steps {
			if r.after(step.took, interval, restTTL, nil, false); r.length != step.rest {
				t.Errorf("interval %v, %d: after a put that took %v the rest is %v, want %v", interval, i, step.took, r.length, step.rest)
			}
		}
	}
}

func TestStoreThatIsFarAwayIsNotTakenToBeOverloaded(t *testing.T) {
	t.Parallel()
	var r rest
	for range 10 {
		if r.after(300*time.Millisecond, time.Second, restTTL, nil, false); r.length != 0 {
			t.Fatalf("a rest of %v", r.length)
		}
	}
	r.after(time.Millisecond, time.Second, restTTL, errors.New("refused"), false) // says nothing of how far it is
	if r.after(500*time.Millisecond, time.Second, restTTL, nil, false); r.length != 0 {
		t.Fatalf("a rest of %v after a refusal", r.length)
	}
	if r.after(601*time.Millisecond, time.Second, restTTL, nil, false); r.length == 0 {
		t.Fatal("no rest after a slow put")
	}
}

// That one member hangs tells nothing of the store.
func TestPutThatOneMemberLeftUnansweredIsNotRestedFor(t *testing.T) {
	t.Parallel()
	unanswered := fmt.Errorf("put: %w", context.DeadlineExceeded)
	for _, length := range []time.Duration{0, time.Second} {
		r := rest{length: length, fastest: near}
		if r.after(2*time.Second, time.Second, restTTL, unanswered, true); r.length != length {
			t.Errorf("the rest was %v, and is %v", length, r.length)
		}
		if r.after(2*time.Second, time.Second, restTTL, unanswered, false); r.length <= length {
			t.Errorf("no member answers, and the rest is %v", r.length)
		}
	}
}

// A fleet that lost its leases to a slow store must not come back all at once; one node of
// a healthy store is back as soon as it can.
func TestLostLeaseOfASlowStoreIsMadeUpForAfterAWhile(t *testing.T) {
	t.Parallel()
	var r rest
	if d := r.comeBack(restTTL); d != 0 {
		t.Errorf("rests for %v without a slow put", d)
	}
	for _, length := range []time.Duration{time.Second, time.Hour} {
		r.length = length
		const count = 1000
		longest := min(length, restTTL)
		early := 0
		for range count {
			d := r.comeBack(restTTL)
			if d > longest {
				t.Fatalf("rests for %v of %v", d, length)
			}
			if d < longest/2 {
				early++
			}
		}
		if early < count/3 || early > 2*count/3 {
			t.Errorf("%d of %d come back in the first half of %v", early, count, longest)
		}
	}
}
