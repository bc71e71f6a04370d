package local

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Fields of /proc/PID/stat after the command's name (proc_pid_stat(5)).
const (
	statState     = 0
	statThreads   = 17
	statStartTime = 19 // clock ticks from boot to start
)

// lookUp reads what runs under a pid, by the kernel's own clock: start times as
// dates move whenever somebody sets the machine's clock. It returns nil if
// nothing does; a zombie is nothing.
func lookUp(pid int) (*sighting, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up pid %d: %w", pid, err)
	}
	// The name is in brackets, and may itself hold brackets and spaces.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) <= statStartTime {
		return nil, fmt.Errorf("look up pid %d: /proc/%d/stat has too few fields", pid, pid)
	}
	start, err := strconv.ParseInt(fields[statStartTime], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("look up pid %d: start time: %w", pid, err)
	}
	s := &sighting{start: start}
	switch fields[statState] {
	case "Z", "X", "x":
		// A zombie with threads is still ending: it may yet hold its ports.
		if fields[statThreads] <= "1" {
			bury(pid)
			return nil, nil
		}
	case "T", "t":
		s.paused = true
	}
	return s, nil
}

// bootID names this boot of the machine.
func bootID() (string, error) {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("identify the machine's boot: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}
