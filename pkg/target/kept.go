package target

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Names that are not for kept targets.
const (
	NameLocal = "local" // the local cluster
	NameNone  = "none"  // no target
)

const keptFile = "targets.json"

// UnknownError tells that no target of that name is kept.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("no target %q is kept", e.Name) }

// Hint is the command that lists those that are.
func (*UnknownError) Hint() string { return "target list" }

// Kept returns the kept targets, sorted by name.
func Kept(stateDir string) ([]Choice, error) {
	path := filepath.Join(stateDir, keptFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var kept []Choice
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err != nil {
		return nil, fmt.Errorf("read the kept targets: %s: %w", path, err)
	}
	return kept, nil
}

// Keep keeps a target under its name, in place of one that has it.
func Keep(stateDir string, c Choice) error {
	if err := model.CheckHost(c.Name); err != nil || c.Name == NameLocal || c.Name == NameNone {
		return &InvalidError{fmt.Sprintf("a target cannot be named %q: use lower-case letters, digits and '-', and neither %q nor %q", c.Name, NameLocal, NameNone)}
	}
	if _, err := c.target(); err != nil {
		return err
	}
	return change(stateDir, func(kept []Choice) ([]Choice, error) {
		kept = slices.DeleteFunc(kept, func(k Choice) bool { return k.Name == c.Name })
		return append(kept, c), nil
	})
}

// Find returns the kept target of that name, or *UnknownError.
func Find(stateDir, name string) (Choice, error) {
	kept, err := Kept(stateDir)
	if err != nil {
		return Choice{}, err
	}
	for _, c := range kept {
		if c.Name == name {
			return c, nil
		}
	}
	return Choice{}, &UnknownError{name}
}

// Forget drops the kept target of that name; it stays the current one if it is.
func Forget(stateDir, name string) error {
	return change(stateDir, func(kept []Choice) ([]Choice, error) {
		left := slices.DeleteFunc(slices.Clone(kept), func(k Choice) bool { return k.Name == name })
		if len(left) == len(kept) {
			return nil, &UnknownError{name}
		}
		return left, nil
	})
}

func change(stateDir string, f func([]Choice) ([]Choice, error)) error {
	kept, err := Kept(stateDir)
	if err != nil {
		return err
	}
	if kept, err = f(kept); err != nil {
		return err
	}
	slices.SortFunc(kept, func(a, b Choice) int { return cmp.Compare(a.Name, b.Name) })
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return fmt.Errorf("keep targets: %w", err)
	}
	if err := write(filepath.Join(stateDir, keptFile), append(data, '\n')); err != nil {
		return fmt.Errorf("keep targets: %w", err)
	}
	return nil
}
