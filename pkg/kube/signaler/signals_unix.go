//go:build unix

package signaler

import (
	"os"
	"syscall"
)

// signals are the requests that send one.
var signals = map[Request]os.Signal{Kill: syscall.SIGKILL, Term: syscall.SIGTERM, Stop: syscall.SIGSTOP, Cont: syscall.SIGCONT}
