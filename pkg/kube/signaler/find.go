package signaler

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
)

// proc has a directory for each process that this one may see.
const proc = "/proc"

// find finds the one process whose executable has that name. Where the kernel
// offers it, what is returned stands for that very process, not for its pid.
func find(name string) (*os.Process, error) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", name, err)
	}
	var found []*os.Process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		p, err := os.FindProcess(pid) // before its name is read: it then is that name's process
		if err != nil {
			continue
		}
		if !runs(pid, name) {
			_ = p.Release()
			continue
		}
		found = append(found, p)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("no process of this pod runs %s", name)
	}
	return nil, fmt.Errorf("%d processes of this pod run %s", len(found), name)
}

// runs reports whether a process runs an executable, and not to send signals: a
// signaler of an earlier drill may still be there.
func runs(pid int, name string) bool {
	line, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "cmdline"))
	if err != nil || len(line) == 0 { // it has ended, or waits for its parent to see that
		return false
	}
	args := bytes.Split(line, []byte{0})
	return path.Base(string(args[0])) == name && !slices.ContainsFunc(args[1:min(2, len(args))], func(arg []byte) bool {
		return string(arg) == Command
	})
}
