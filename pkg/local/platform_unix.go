//go:build linux || darwin

package local

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const supported = true

// detached puts a process into a session of its own, where no Ctrl-C and no
// hang-up of the terminal reaches it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func (s Signal) number() os.Signal {
	switch s {
	case TERM:
		return unix.SIGTERM
	case STOP:
		return unix.SIGSTOP
	case CONT:
		return unix.SIGCONT
	default:
		return unix.SIGKILL
	}
}

// bury reaps a zombie if it is our child. Nobody else waits for those that were
// started: they are meant to outlive their parent.
func bury(pid int) { _, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) }

// lockExclusive takes the lock of an open file without waiting; false if
// somebody else holds it.
func lockExclusive(f *os.File) (bool, error) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return false, err
		}
	}
}
