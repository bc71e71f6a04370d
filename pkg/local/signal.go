package local

import (
	"slices"
	"strings"
)

// Signal is what can be sent to a process of the cluster.
type Signal string

// The signals.
const (
	KILL Signal = "KILL" // ends at once, as a crash does
	TERM Signal = "TERM" // asks to end in good order
	STOP Signal = "STOP" // pauses
	CONT Signal = "CONT" // goes on after STOP
)

// Signals lists the signals.
func Signals() []Signal { return []Signal{KILL, TERM, STOP, CONT} }

// ParseSignal reads a signal's name, in either case, with or without SIG.
func ParseSignal(name string) (Signal, error) {
	sig := Signal(strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if !slices.Contains(Signals(), sig) {
		return "", invalid("signal must be KILL, TERM, STOP or CONT, not %q", name)
	}
	return sig, nil
}

// ends reports whether the signal is meant to end a process.
func (s Signal) ends() bool { return s == KILL || s == TERM }
