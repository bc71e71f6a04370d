package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/roster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// Exit codes, the same for every output format.
const (
	exitDone        = 0
	exitFailure     = 1
	exitUsage       = 2   // wrong usage or invalid input
	exitVerdict     = 3   // answered, and the verdict is at or above --fail-on
	exitUnreachable = 4   // cannot reach the target
	exitUnknown     = 5   // outcome unknown: a write may have happened
	exitConflict    = 6   // changed since it was read
	exitRefused     = 7   // refused by a safety gate, or not confirmed
	exitTimeout     = 8   // timed out waiting
	exitInterrupted = 130 // as a shell tells a SIGINT
)

// exitError is an error with the exit code that it means. A nil err says nothing
// more than the command has said already.
type exitError struct {
	code int
	err  error
	hint string // a subcommand to type next, without the program's name
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }
func (e *exitError) Hint() string  { return e.hint }

func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// exitCode tells which exit code an error means.
func exitCode(ctx context.Context, err error) int {
	var (
		coded       *exitError
		invalid     *configpush.InvalidError
		tooMany     *configpush.TooManyError
		conflict    *configpush.ConflictError
		changed     *roster.ConflictError
		unsettled   *etcd.UnsettledError
		unreachable *etcd.UnreachableError
		away        interface{ Unreachable() } // of package kube
		badTarget   *target.InvalidError
		badLocal    *local.InvalidError
		badName     *local.UnknownNameError
		notKept     *target.UnknownError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &unsettled):
		return exitUnknown
	case errors.As(err, &conflict), errors.As(err, &changed):
		return exitConflict
	case errors.As(err, &invalid), errors.As(err, &tooMany), errors.As(err, &badTarget), errors.As(err, &badLocal), errors.As(err, &badName), errors.As(err, &notKept):
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &unreachable), errors.As(err, &away), etcd.Classify(err) == etcd.ClassNoQuorum:
		return exitUnreachable
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimeout
	}
	return exitFailure
}

// report prints an error and at most one hint.
func report(w io.Writer, program string, err error, code int) {
	if err == nil || err.Error() == "" {
		return
	}
	if code == exitInterrupted {
		fmt.Fprintln(w, "interrupted")
		return
	}
	fmt.Fprintln(w, "error: "+sanitizeLines(err.Error()))
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintln(w, "hint: "+program+" "+hinted.Hint())
	}
}

// sanitizeLines makes text of other machines harmless and keeps its lines.
func sanitizeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printer.Sanitize(line)
	}
	return strings.Join(lines, "\n")
}
