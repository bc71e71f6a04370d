package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

// Choice is the current target: the one that is meant when none is named. Its
// zero value is none.
type Choice struct {
	// Name is that of a kept target; see Keep.
	Name string `json:"name,omitempty"`
	// Local is the state directory of a local cluster.
	Local string `json:"local,omitempty"`
	// Endpoints, by commas, and the certificates' files.
	Endpoints string `json:"endpoints,omitempty"`
	CACert    string `json:"cacert,omitempty"`
	Cert      string `json:"cert,omitempty"`
	Key       string `json:"key,omitempty"`
}

// target is the cluster that was chosen.
func (c Choice) target() (*Target, error) {
	switch {
	case c.Local != "":
		return byLocal(c.Local)
	case c.Endpoints != "":
		t, err := byEndpoints(Options{Endpoints: strings.Split(c.Endpoints, ","), CACert: c.CACert, Cert: c.Cert, Key: c.Key})
		if err == nil && c.Name != "" {
			t.Name = fmt.Sprintf("%s, %s", c.Name, t.Name)
		}
		return t, err
	}
	return nil, &NoTargetError{}
}

const currentFile = "target.json"

// DefaultStateDir is where the current target is kept:
// $XDG_STATE_HOME/kubectl-monitor, or ~/.local/state/kubectl-monitor.
func DefaultStateDir() (string, error) {
	dir, err := local.DefaultDir()
	if err != nil {
		return "", fmt.Errorf("find the state directory: %w", err)
	}
	return filepath.Dir(dir), nil
}

// Current reads the current target. That none is set is no error.
func Current(stateDir string) (Choice, error) {
	var c Choice
	data, err := os.ReadFile(filepath.Join(stateDir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("read the current target: %w", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("read the current target: %s: %w", filepath.Join(stateDir, currentFile), err)
	}
	return c, nil
}

// SetCurrent makes c the current target; the zero Choice clears it.
func SetCurrent(stateDir string, c Choice) error {
	path := filepath.Join(stateDir, currentFile)
	if c == (Choice{}) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear the current target: %w", err)
		}
		return nil
	}
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("set the current target: %w", err)
	}
	if err := write(path, append(data, '\n')); err != nil {
		return fmt.Errorf("set the current target: %w", err)
	}
	return nil
}

// write replaces a file as a whole: a reader sees the old or the new one.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
