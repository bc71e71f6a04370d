package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// lookEvery is the time between two looks at what is waited for. Events, logs and
// objects of five kinds make up one look: watches of all of them would be more code
// than waiting for the next half second is worth.
const lookEvery = 500 * time.Millisecond

// TimeoutError tells what was not ready in time, and why.
type TimeoutError struct {
	For     string
	Pending []Pending
	Err     error
}

func (e *TimeoutError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wait for %s: not in time", e.For)
	for _, p := range e.Pending {
		fmt.Fprintf(&b, "\n  %s: %s", p.Object, p.Reason)
	}
	return b.String()
}

func (e *TimeoutError) Unwrap() error { return e.Err }

// look tells what is not ready yet, and whether that is enough.
type look func(context.Context) (pending []Pending, enough bool, err error)

// await looks until it is enough, or ctx ends. A look that fails does not end it,
// for API servers restart too, unless a right is missing.
func await(ctx context.Context, tell func(News), what string, look look) error {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	var last []Pending
	for {
		pending, enough, err := look(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !unavailable(err):
			return fmt.Errorf("wait for %s: %w", what, err)
		case err != nil:
			last = []Pending{{"API server", err.Error()}}
		default:
			last = pending
		}
		if ctx.Err() == nil {
			if enough {
				last = nil
			}
			tell(Waiting{For: what, Pending: last})
			if enough {
				return nil
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return &TimeoutError{For: what, Pending: last, Err: ctx.Err()}
			}
			return ctx.Err()
		}
	}
}
