package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// pollInterval is how often the system is asked whether processes still run:
// it tells nobody but their parent when they end.
const pollInterval = 20 * time.Millisecond

// sighting is what the kernel says of the process under a pid.
type sighting struct {
	start  int64 // by the kernel's clock; see lookUp
	paused bool
}

// sight looks for the process of this run. Another process that has its pid
// today, or one of an earlier boot, is not it: then it returns nil.
func (r *run) sight() (*sighting, error) {
	if r == nil {
		return nil, nil
	}
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	if boot != r.Boot {
		return nil, nil
	}
	s, err := lookUp(r.PID)
	if err != nil || s == nil || s.start != r.Start {
		return nil, err
	}
	return s, nil
}

// signal sends to the process of this run and to no other; false if it is gone.
func (r *run) signal(sig Signal) (bool, error) {
	if r == nil {
		return false, nil
	}
	// Found first and checked then: on Linux the handle is a pidfd, which stays
	// with the process that was checked.
	p, err := os.FindProcess(r.PID)
	if err != nil {
		return false, fmt.Errorf("find pid %d: %w", r.PID, err)
	}
	defer func() { _ = p.Release() }()
	s, err := r.sight()
	if err != nil || s == nil {
		return false, err
	}
	err = p.Signal(sig.number())
	if errors.Is(err, os.ErrProcessDone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("send %s to pid %d: %w", sig, r.PID, err)
	}
	return true, nil
}

// describe says what became of a process.
func (c *Cluster) describe(r *record) (model.Process, error) {
	p := model.Process{Name: r.Name, Role: r.Role, Host: r.Host, Endpoint: r.endpoint(), Log: c.logPath(r.Name)}
	s, err := r.Run.sight()
	if err != nil {
		return p, fmt.Errorf("look up %q: %w", r.Name, err)
	}
	switch {
	case s == nil:
		p.State, p.Reason, err = r.Run.fate()
		return p, err
	case s.paused:
		p.State = model.ProcessPaused
		if r.Run.Pause != nil {
			p.Reason = fmt.Sprintf("paused by `%s`", r.Run.Pause.Command)
		}
	default:
		p.State = model.ProcessRunning
	}
	p.PID = r.Run.PID
	p.Started = &r.Run.Started
	return p, nil
}

// fate tells how a run that is no more came to its end.
func (r *run) fate() (model.ProcessState, string, error) {
	if r == nil {
		return model.ProcessStopped, "was never started", nil
	}
	if r.End != nil {
		reason := fmt.Sprintf("ended by `%s`", r.End.Command)
		if r.End.Signal == TERM {
			return model.ProcessStopped, reason, nil
		}
		return model.ProcessDead, reason, nil
	}
	boot, err := bootID()
	if err != nil {
		return "", "", err
	}
	if boot != r.Boot {
		return model.ProcessDead, reasonRestarted, nil
	}
	return model.ProcessDead, "ended by itself or was killed", nil
}

const reasonRestarted = "the machine was restarted since"

// awaitGone waits until the processes are gone, and returns those left when ctx ends.
func awaitGone(ctx context.Context, records []*record) ([]*record, error) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		var left []*record
		for _, r := range records {
			s, err := r.Run.sight()
			if err != nil {
				return nil, err
			}
			if s != nil {
				left = append(left, r)
			}
		}
		if len(left) == 0 {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return left, nil
		case <-tick.C:
		}
		records = left
	}
}
