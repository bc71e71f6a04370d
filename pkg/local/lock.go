package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// lock is held by the one command that changes the cluster. The kernel drops it
// with the process, and no child inherits it (Go opens files close-on-exec).
type lock struct {
	file *os.File
	dir  string
}

// acquire takes the cluster's lock, or returns a *BusyError at once. With create
// it makes the state directory; without, a missing one is ErrNoCluster.
func (c *Cluster) acquire(ctx context.Context, command string, create bool) (*lock, error) {
	if !supported {
		return nil, ErrUnsupported
	}
	path := c.path(lockFile)
	for ctx.Err() == nil {
		if create {
			err := os.MkdirAll(c.dir, dirMode)
			if errors.Is(err, fs.ErrExist) {
				continue // it was there, and then not: another command removes it
			}
			if err != nil {
				return nil, fmt.Errorf("make state directory: %w", err)
			}
		}
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
		if errors.Is(err, fs.ErrNotExist) {
			if !create {
				return nil, ErrNoCluster
			}
			continue // another command has just removed the directory
		}
		if err != nil {
			return nil, fmt.Errorf("lock the local cluster: %w", err)
		}
		held, err := takeLock(f, path, command)
		if held {
			return &lock{file: f, dir: c.dir}, nil
		}
		_ = f.Close()
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("lock the local cluster: %w", ctx.Err())
}

// takeLock locks f and signs it. False without an error means that f is no
// longer the lock file: its last holder has removed it.
func takeLock(f *os.File, path, command string) (bool, error) {
	free, err := lockExclusive(f)
	if err != nil {
		return false, fmt.Errorf("lock the local cluster: %w", err)
	}
	if !free {
		return false, holder(f)
	}
	mine, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("lock the local cluster: %w", err)
	}
	current, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(mine, current) {
		return false, nil
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintf(f, "%d %s\n", os.Getpid(), command)
	}
	if err != nil {
		return false, fmt.Errorf("lock the local cluster: %w", err)
	}
	return true, nil
}

// holder reads who has signed a lock file.
func holder(f *os.File) error {
	busy := new(BusyError)
	text, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return busy
	}
	pid, command, ok := strings.Cut(strings.TrimSpace(string(text)), " ")
	if !ok {
		return busy
	}
	if busy.PID, err = strconv.Atoi(pid); err != nil {
		return new(BusyError)
	}
	busy.Command = command
	return busy
}

// release gives the lock back. The file goes while the lock is still held, and
// the directory with it if nothing else is in there: whoever has the file open
// by now finds that it is not the lock file any more, and begins again.
func (l *lock) release() {
	_ = os.Remove(l.file.Name())
	_ = l.file.Close()
	_ = os.Remove(l.dir)
}
