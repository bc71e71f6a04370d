package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// gateScript holds a new process at the gate until its parent has written it
// down. If the parent dies first, the pipe ends without a line, and the process
// ends before it was anything. Pid and start time stay the same over the exec.
const gateScript = `read -r go <&3 && exec "$0" "$@" 3<&-`

// maxLog is the size in bytes above which a log is set aside at the next start.
const maxLog = 8 << 20

// gated is a process that waits at its gate.
type gated struct {
	cmd     *exec.Cmd
	gate    *os.File
	logFrom int64
}

// start starts processes that do not run, all at once, and returns when they
// are recorded and on their way. On an error none of them runs.
func (c *Cluster) start(ctx context.Context, st *state, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	what := strings.Join(names(records), ", ")
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("start %s: %w", what, err)
	}
	if err := checkPorts(records); err != nil {
		return fmt.Errorf("start %s: %w", what, err)
	}
	if err := errors.Join(c.installBinary(), c.makeDirs(dataDir, logDir)); err != nil {
		return fmt.Errorf("start %s: %w", what, err)
	}
	if err := c.launch(st, records, func() error { return c.save(st) }); err != nil {
		return fmt.Errorf("start %s: %w", what, err)
	}
	return nil
}

// launch brings the processes to their gates, has them recorded, and opens the gates.
func (c *Cluster) launch(st *state, records []*record, save func() error) (err error) {
	boot, err := bootID()
	if err != nil {
		return err
	}
	var waiting []*gated
	defer func() {
		for _, g := range waiting {
			_ = g.gate.Close()
			if err != nil {
				_ = g.cmd.Wait() // its gate is shut: it ends at once
			} else {
				_ = g.cmd.Process.Release()
			}
		}
	}()
	for _, r := range records {
		g, err := c.hold(c.logPath(r.Name), c.arguments(st, r), environment(r.Role))
		if err != nil {
			return err
		}
		waiting = append(waiting, g)
		pid := g.cmd.Process.Pid
		s, err := lookUp(pid)
		if err == nil && s == nil {
			err = fmt.Errorf("pid %d of %q ended at its gate", pid, r.Name)
		}
		if err != nil {
			return err
		}
		r.Run = &run{PID: pid, Boot: boot, Start: s.start, Started: time.Now().UTC(), LogFrom: g.logFrom}
	}
	if err := save(); err != nil {
		return err
	}
	for _, g := range waiting {
		// A process that was killed at its gate is in the record, and is found dead there.
		_, _ = g.gate.WriteString("go\n")
	}
	return nil
}

// hold starts a process that waits at its gate.
func (c *Cluster) hold(log string, args, env []string) (*gated, error) {
	out, err := openLog(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	info, err := out.Stat()
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a gate: %w", err)
	}
	defer func() { _ = r.Close() }()

	args = append([]string{"-c", gateScript, c.binary()}, args...)
	cmd := exec.Command("/bin/sh", args...) //nolint:noctx // it outlives this command and its context
	cmd.Dir = c.dir
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{r} // the script's descriptor 3
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		_ = w.Close()
		return nil, err
	}
	return &gated{cmd: cmd, gate: w, logFrom: info.Size()}, nil
}

// openLog opens a log to append to, after it has set one aside that grew large.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, rotated(path)); err != nil {
			return nil, fmt.Errorf("set log aside: %w", err)
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, fileMode)
}
