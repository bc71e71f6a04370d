package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Held is the cluster in the hands of one command that ends processes for a
// while. Until Release no other command changes the cluster. What a holder that
// is killed leaves behind is in the record: the next one mends it, and so does
// Up.
type Held struct {
	*Cluster
	lock    *lock
	command string
}

// Hold takes the cluster for a command; a *BusyError if another one is at work.
func (c *Cluster) Hold(ctx context.Context, command string) (*Held, error) {
	l, err := c.acquireExisting(ctx, command)
	if err != nil {
		return nil, err
	}
	return &Held{c, l, command}, nil
}

// Release gives the cluster back.
func (h *Held) Release() { h.lock.release() }

// Signal sends a signal to one process that runs, and returns when it was sent.
// It does not wait for the effect.
func (h *Held) Signal(name string, sig Signal) (time.Time, error) {
	var sent time.Time
	err := h.update(name, func(st *state, r *record) error {
		p, err := h.describe(r)
		if err != nil {
			return err
		}
		if !runs(p) {
			return fmt.Errorf("it is %s", strings.ToLower(string(p.State)))
		}
		if err := h.announce(st, r, ending{Signal: sig, Command: h.command, Temporary: true}); err != nil {
			return err
		}
		sent = time.Now()
		_, err = r.Run.signal(sig)
		return err
	})
	if err != nil {
		return sent, fmt.Errorf("send %s to %q: %w", sig, name, err)
	}
	return sent, nil
}

// Restore makes one process run: it resumes it, or starts it once it has ended,
// where it was asked to. It waits for that end as long as ctx allows.
func (h *Held) Restore(ctx context.Context, name string) error {
	return h.update(name, func(st *state, r *record) error { return h.restore(ctx, st, r) })
}

func (h *Held) restore(ctx context.Context, st *state, r *record) error {
	p, err := h.describe(r)
	if err != nil {
		return err
	}
	if p.State == model.ProcessPaused {
		if _, err := r.Run.signal(CONT); err != nil {
			return fmt.Errorf("resume %q: %w", r.Name, err)
		}
	}
	if runs(p) {
		if r.Run.End == nil {
			return nil
		}
		left, err := awaitGone(ctx, []*record{r})
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fmt.Errorf("wait for %q to end: %w", r.Name, ctx.Err())
		}
	}
	return h.start(ctx, st, []*record{r})
}

// Mend restores what commands that were killed have left ended or paused, waits
// until the members among it take part in a quorum, and returns all as it was
// found.
func (h *Held) Mend(ctx context.Context) ([]model.Process, error) {
	st, err := h.load()
	if err != nil {
		return nil, err
	}
	var found []model.Process
	var members []*record
	for _, r := range st.Processes {
		p, err := h.describe(r)
		if err != nil {
			return found, err
		}
		if !r.Run.leftBehind(p) {
			continue
		}
		if err := h.restore(ctx, st, r); err != nil {
			return found, err
		}
		found = append(found, p)
		if r.Role == model.ProcessMember {
			members = append(members, r)
		}
	}
	_, err = awaitMembers(ctx, members, func(Step) {})
	return found, err
}

// LeftBehind returns the processes that a command has ended or paused for a while
// and was killed before it could restore them.
func (c *Cluster) LeftBehind(ctx context.Context) ([]model.Process, error) {
	st, err := c.load()
	if err != nil {
		return nil, err
	}
	found, err := c.describeAll(ctx, st.Processes)
	if err != nil {
		return nil, err
	}
	var left []model.Process
	for i, p := range found {
		if st.Processes[i].Run.leftBehind(p) {
			left = append(left, p)
		}
	}
	if len(left) > 0 && c.busy() {
		return nil, nil // the command is still at work
	}
	return left, nil
}

// leftBehind reports whether a command that meant to restore the process found as
// p has not done so.
func (r *run) leftBehind(p model.Process) bool {
	switch {
	case r == nil:
		return false
	case p.State == model.ProcessPaused:
		return r.Pause != nil && r.Pause.Temporary
	}
	return r.End != nil && r.End.Temporary
}

// busy reports whether the command that has signed the lock still runs.
func (c *Cluster) busy() bool {
	f, err := os.Open(c.path(lockFile))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer func() { _ = f.Close() }()
	var by *BusyError
	if !errors.As(holder(f), &by) || by.PID == 0 {
		return true // it is just being signed
	}
	s, err := lookUp(by.PID)
	return err != nil || s != nil
}
