package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// KillResult says what became of a process that was sent a signal.
type KillResult struct {
	Process model.Process // as it is now
	// AlreadyDead tells that no signal was sent, since there was no process.
	AlreadyDead bool
}

// StartResult says what became of a process that was to be started.
type StartResult struct {
	Process model.Process // as it is now
	// AlreadyRunning tells that nothing was started; the process may be paused.
	AlreadyRunning bool
}

// Kill sends a signal to one process and waits, as long as ctx allows, until it
// has had its effect. A paused process hears TERM when it goes on: that is not
// waited for. Nobody starts a process again but Start and Up.
func (c *Cluster) Kill(ctx context.Context, name string, sig Signal) (KillResult, error) {
	var res KillResult
	err := c.change(ctx, "local kill", name, func(st *state, r *record) error {
		p, err := c.describe(r)
		if err != nil {
			return err
		}
		if !runs(p) {
			res = KillResult{Process: p, AlreadyDead: true}
			return nil
		}
		if err := c.announce(st, r, ending{Signal: sig, Command: "local kill --signal " + string(sig)}); err != nil {
			return err
		}
		if _, err := r.Run.signal(sig); err != nil {
			return err
		}
		if !(sig == TERM && p.State == model.ProcessPaused) {
			if err := r.Run.awaitEffect(ctx, sig); err != nil {
				return err
			}
		}
		res.Process, err = c.describe(r)
		return err
	})
	if err != nil {
		return res, fmt.Errorf("send %s to %q: %w", sig, name, err)
	}
	return res, nil
}

// Start starts one process that is not there. One that runs is left as it is,
// paused or not.
func (c *Cluster) Start(ctx context.Context, name string) (StartResult, error) {
	var res StartResult
	err := c.change(ctx, "local start", name, func(st *state, r *record) error {
		p, err := c.describe(r)
		if err != nil {
			return err
		}
		if runs(p) {
			res = StartResult{Process: p, AlreadyRunning: true}
			return nil
		}
		if err := c.start(ctx, st, []*record{r}); err != nil {
			return err
		}
		res.Process, err = c.describe(r)
		return err
	})
	return res, err
}

// announce records what is about to be done to a process, so that whoever finds
// it ended or paused knows by whom.
func (c *Cluster) announce(st *state, r *record, how ending) error {
	how.At = time.Now().UTC()
	switch {
	case how.Signal.ends():
		r.Run.End = &how
	case how.Signal == STOP:
		r.Run.Pause = &how
	default:
		return nil
	}
	return c.save(st)
}

// change calls f with one process's record, under the lock.
func (c *Cluster) change(ctx context.Context, command, name string, f func(*state, *record) error) error {
	l, err := c.acquireExisting(ctx, command)
	if err != nil {
		return err
	}
	defer l.release()
	return c.update(name, f)
}

// acquireExisting takes the lock of a cluster that is there, or returns
// ErrNoCluster.
func (c *Cluster) acquireExisting(ctx context.Context, command string) (*lock, error) {
	// Not to make a lock file where there is no cluster, nor in a foreign directory.
	if _, err := os.Stat(c.path(stateFile)); supported && errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoCluster
	}
	return c.acquire(ctx, command, false)
}

// update calls f with one process's record; the lock is held.
func (c *Cluster) update(name string, f func(*state, *record) error) error {
	st, err := c.load()
	if err != nil {
		return err
	}
	r, err := st.find(name)
	if err != nil {
		return err
	}
	return f(st, r)
}

func runs(p model.Process) bool {
	return p.State == model.ProcessRunning || p.State == model.ProcessPaused
}

// awaitEffect waits until a signal has done what it is meant to do.
func (r *run) awaitEffect(ctx context.Context, sig Signal) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		s, err := r.sight()
		if err != nil {
			return err
		}
		if s == nil || sig == STOP && s.paused || sig == CONT && !s.paused {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for its effect on pid %d: %w", r.PID, ctx.Err())
		case <-tick.C:
		}
	}
}
