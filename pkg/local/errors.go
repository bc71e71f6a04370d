package local

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnsupported is what every call returns where there are no Unix processes.
var ErrUnsupported = errors.New("the local cluster needs Linux or macOS; name the members of another cluster with --endpoints")

// ErrNoCluster says that nothing is recorded in the state directory.
var ErrNoCluster error = &hinted{errors.New("there is no local cluster"), "local up"}

// hinted is an error with the subcommand that helps, without the program's name.
type hinted struct {
	error
	hint string
}

// Hint is the subcommand to type next.
func (e *hinted) Hint() string { return e.hint }

func (e *hinted) Unwrap() error { return e.error }

// InvalidError says what is wrong with an option, and the rule that it broke.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidError{fmt.Sprintf(format, args...)}
}

// fixed says what cannot be changed while the cluster lives.
func fixed(what string, own, wanted any) error {
	return &hinted{invalid("the local cluster's %s is %v and cannot become %v: take it down first", what, own, wanted), "local down"}
}

// UnknownNameError names a process that the cluster does not have.
type UnknownNameError struct {
	Name  string
	Names []string // those that it has
}

func (e *UnknownNameError) Error() string {
	return fmt.Sprintf("no process %q in the local cluster; there are %s", e.Name, strings.Join(e.Names, ", "))
}

// BusyError tells that another command is changing the cluster.
type BusyError struct {
	PID     int // 0 where it has not said yet
	Command string
}

func (e *BusyError) Error() string {
	if e.PID == 0 {
		return "another command is at work on this cluster"
	}
	return fmt.Sprintf("another `%s` (pid %d) is at work on this cluster", e.Command, e.PID)
}

// PortTakenError tells that somebody else listens where a process must.
type PortTakenError struct {
	Process string
	Port    int
	Err     error
}

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %d of %q is taken: %v", e.Port, e.Process, e.Err)
}

func (e *PortTakenError) Unwrap() error { return e.Err }

// ExitedError tells that a process ended while it was waited for.
type ExitedError struct {
	Process string
	Log     string   // path
	Last    []string // the end of its log
}

func (e *ExitedError) Error() string {
	if len(e.Last) == 0 {
		return fmt.Sprintf("%q ended and said nothing in its log %s", e.Process, e.Log)
	}
	return fmt.Sprintf("%q ended; the end of its log %s: %s", e.Process, e.Log, strings.Join(e.Last, " | "))
}

// Hint is the subcommand that shows more.
func (e *ExitedError) Hint() string { return "local logs " + e.Process }
