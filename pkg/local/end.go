package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// How long processes have to end in good order before they are killed: an agent
// revokes its lease, an aggregator resigns, a member hands leadership over and
// waits for open requests.
const (
	leaveGrace  = 3 * time.Second
	memberGrace = 10 * time.Second
	killGrace   = 5 * time.Second // a killed process may have to finish a write to disk
)

// end ends processes and waits until they are gone: with how.Signal, then, after
// the grace period, with KILL. The record says so before the first signal, so
// that nothing that was asked to end is ever reported as crashed.
func (c *Cluster) end(ctx context.Context, st *state, records []*record, how ending, grace time.Duration) error {
	how.At = time.Now().UTC()
	for _, r := range records {
		s, err := r.Run.sight()
		if err != nil {
			return fmt.Errorf("stop %q: %w", r.Name, err)
		}
		if s != nil {
			r.Run.End = &how
		}
	}
	if st != nil {
		if err := c.save(st); err != nil {
			return err
		}
	}
	left, err := sendAndWait(ctx, records, how.Signal, grace)
	if err != nil || len(left) == 0 {
		return err
	}
	if left, err = sendAndWait(ctx, left, KILL, killGrace); err != nil || len(left) == 0 {
		return err
	}
	return fmt.Errorf("stop %s: still there %v after KILL", strings.Join(names(left), ", "), killGrace)
}

// sendAndWait sends a signal that ends processes, and returns those left after
// the grace period; an error if ctx ends sooner.
func sendAndWait(ctx context.Context, records []*record, sig Signal, grace time.Duration) ([]*record, error) {
	for _, r := range records {
		if sig == TERM { // a paused process would not hear it
			if _, err := r.Run.signal(CONT); err != nil {
				return nil, fmt.Errorf("resume %q: %w", r.Name, err)
			}
		}
		if _, err := r.Run.signal(sig); err != nil {
			return nil, fmt.Errorf("stop %q: %w", r.Name, err)
		}
	}
	waiting, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	left, err := awaitGone(waiting, records)
	if err != nil {
		return nil, err
	}
	if len(left) > 0 && ctx.Err() != nil {
		return nil, fmt.Errorf("wait for %s to end: %w", strings.Join(names(left), ", "), ctx.Err())
	}
	return left, nil
}

// sweep kills the processes of the cluster that the record does not know, and
// returns them.
func (c *Cluster) sweep(ctx context.Context, known []*record) ([]*record, error) {
	strays, err := c.strays(ctx, known)
	if err != nil {
		return nil, err
	}
	return strays, c.end(ctx, nil, strays, ending{Signal: KILL}, killGrace)
}

// clearLogs removes the logs of processes that are gone for good.
func (c *Cluster) clearLogs(records []*record) error {
	var problems []error
	for _, r := range records {
		log := c.logPath(r.Name)
		problems = append(problems, os.RemoveAll(log), os.RemoveAll(rotated(log)))
	}
	return errors.Join(problems...)
}
