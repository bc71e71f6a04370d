package local

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// States of a process (XNU bsd/sys/proc.h).
const (
	sStop = 4
	sZomb = 5
)

// lookUp reads what runs under a pid. XNU fixes the start time when it forks:
// setting the clock does not move it. It returns nil if nothing runs there; a
// zombie is nothing.
func lookUp(pid int) (*sighting, error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if errors.Is(err, unix.EIO) || errors.Is(err, unix.ESRCH) { // x/sys reports an empty answer as EIO
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up pid %d: %w", pid, err)
	}
	if info.Proc.P_stat == sZomb {
		bury(pid)
		return nil, nil
	}
	t := info.Proc.P_starttime
	return &sighting{
		start:  t.Sec*1_000_000 + int64(t.Usec),
		paused: info.Proc.P_stat == sStop,
	}, nil
}

// bootID names this boot of the machine.
func bootID() (string, error) {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return "", fmt.Errorf("identify the machine's boot: %w", err)
	}
	return id, nil
}
