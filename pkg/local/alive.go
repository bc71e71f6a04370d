package local

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lastLines is how much of its log is shown of a process that ended.
const lastLines = 3

// whileAlive calls f, and cancels it when one of the processes ends: then the
// error is an *ExitedError.
func (c *Cluster) whileAlive(ctx context.Context, records []*record, f func(context.Context) error) error {
	waiting, cancel := context.WithCancelCause(ctx)
	var guard sync.WaitGroup
	guard.Go(func() { cancel(c.awaitExit(waiting, records)) })
	err := f(waiting)
	cancel(nil)
	guard.Wait()
	if cause := context.Cause(waiting); err != nil && !errors.Is(cause, context.Canceled) && ctx.Err() == nil {
		return cause
	}
	return err
}

// awaitExit waits until one of the processes has ended, or ctx.
func (c *Cluster) awaitExit(ctx context.Context, records []*record) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		for _, r := range records {
			s, err := r.Run.sight()
			if err != nil {
				return err
			}
			if s == nil {
				return c.exited(r)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c *Cluster) exited(r *record) error {
	e := &ExitedError{Process: r.Name, Log: c.logPath(r.Name)}
	last, err := lastOf(e.Log, r.Run.LogFrom, lastLines)
	if err != nil {
		return errors.Join(e, err)
	}
	e.Last = last
	return e
}
