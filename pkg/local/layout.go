package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What the state directory holds.
const (
	stateFile  = "cluster.json"
	lockFile   = "lock"
	binDir     = "bin"
	dataDir    = "data"
	logDir     = "logs"
	binaryName = "kubectl-monitor"

	// Patterns of what is ours in there, with the form of fs.Glob.
	tempFiles = ".tmp-*"
	dataFiles = dataDir + "/etcd-*"
	logFiles  = logDir + "/*-*.log*"
	binFiles  = binDir + "/" + binaryName

	dirMode  = 0o700
	fileMode = 0o600
)

// DefaultDir is the state directory of the user's one local cluster:
// $XDG_STATE_HOME/kubectl-monitor/local, by default under ~/.local/state (XDG
// Base Directory Specification 0.8, by which a relative value is ignored).
func DefaultDir() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state directory: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "kubectl-monitor", "local"), nil
}

func (c *Cluster) path(elem ...string) string {
	return filepath.Join(append([]string{c.dir}, elem...)...)
}

func (c *Cluster) binary() string              { return c.path(binDir, binaryName) }
func (c *Cluster) dataPath(name string) string { return c.path(dataDir, name) }
func (c *Cluster) logPath(name string) string  { return c.path(logDir, name+".log") }
func rotated(log string) string                { return log + ".1" }

func (c *Cluster) makeDirs(names ...string) error {
	for _, name := range names {
		if err := os.MkdirAll(c.path(name), dirMode); err != nil {
			return fmt.Errorf("make state directory: %w", err)
		}
	}
	return nil
}

// clearAll removes all that the state directory holds but the lock. The record
// goes first: without it the rest is known to be left over, wherever this is cut
// short.
func (c *Cluster) clearAll() error {
	return c.clear(stateFile, dataFiles, logFiles, binFiles)
}

// clear removes what the patterns name, what interrupted writes have left, and
// the directories that are empty then. What is not ours stays, should the state
// directory hold it.
func (c *Cluster) clear(patterns ...string) error {
	var problems []error
	for _, pattern := range append(patterns, tempFiles) {
		found, err := fs.Glob(os.DirFS(c.dir), pattern)
		problems = append(problems, err)
		for _, name := range found {
			problems = append(problems, os.RemoveAll(c.path(name)))
		}
	}
	for _, dir := range []string{dataDir, logDir, binDir} {
		_ = os.Remove(c.path(dir)) // fails where something is in it
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("clear state directory: %w", err)
	}
	return nil
}

// writeFile replaces a file of the state directory as a whole or not at all.
func (c *Cluster) writeFile(path string, mode os.FileMode, write func(*os.File) error) (err error) {
	temp, err := os.CreateTemp(c.dir, tempFiles)
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("write %q: %w", path, err)
		}
	}()
	if err := temp.Chmod(mode); err != nil {
		return err
	}
	if err := write(temp); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
