package agent

import (
	"errors"
	"testing"
	"time"
)

func TestSlowPutsAreFollowedByLongerAndLongerRests(t *testing.T) {
	t.Parallel()
	const ttl = 5 * time.Second
	r := rest{fastest: time.Millisecond}
	for i, step := range []struct{ took, rest time.Duration }{
		{200 * time.Millisecond, 0},
		{201 * time.Millisecond, 200 * time.Millisecond},
		{time.Millisecond, 0}, // it was one member only
		{2 * time.Second, 200 * time.Millisecond},
		{300 * time.Millisecond, 400 * time.Millisecond},
		{300 * time.Millisecond, 800 * time.Millisecond},
		{time.Millisecond, 200 * time.Millisecond}, // the store may be well again
		{time.Second, time.Second},
		{2 * time.Second, 2 * time.Second},
		{2 * time.Second, 4 * time.Second},
		{2 * time.Second, ttl},
		{time.Second, ttl},
		{time.Millisecond, ttl / 4},
		{time.Millisecond, ttl / 16},
		{time.Millisecond, ttl / 64},
		{time.Millisecond, 0},
	} {
		if r.after(step.took, ttl, nil); r.length != step.rest {
			t.Fatalf("%d: after a put that took %v the rest is %v, want %v", i, step.took, r.length, step.rest)
		}
	}
}

func TestStoreThatIsFarAwayIsNotTakenToBeOverloaded(t *testing.T) {
	t.Parallel()
	const ttl = 5 * time.Second
	var r rest
	for range 10 {
		if r.after(300*time.Millisecond, ttl, nil); r.length != 0 {
			t.Fatalf("a rest of %v", r.length)
		}
	}
	r.after(time.Millisecond, ttl, errors.New("refused")) // says nothing of how far it is
	if r.after(500*time.Millisecond, ttl, nil); r.length != 0 {
		t.Fatalf("a rest of %v after a refusal", r.length)
	}
	if r.after(601*time.Millisecond, ttl, nil); r.length == 0 {
		t.Fatal("no rest after a slow put")
	}
}
