package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"
)

// kubectl completes a plugin's words by a program of this name on the PATH.
const completer = "kubectl_complete-monitor"

// completerScript passes the words on to cobra's own completion. Both speak the
// same format.
const completerScript = "#!/bin/sh\nexec kubectl-monitor __complete \"$@\"\n"

func (a *app) newCompletionInstall() *cobra.Command {
	var (
		dir    string
		dryRun bool
	)
	c := &cobra.Command{
		Use:   "install",
		Short: "Let kubectl complete this plugin's commands",
		Long: `Write ` + completer + `, which kubectl asks to complete the words after
"kubectl monitor". It goes beside this program where that folder may be written,
else into ~/.local/bin; it must be on the PATH. kubectl's own completion has to be
set up in your shell ("kubectl completion --help").

For "kubectl-monitor" itself, load the script that "completion bash" (zsh, fish,
powershell) prints.`,
		Example: `  %[1]s completion install
  # Somewhere else
  %[1]s completion install --dir ~/bin`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if runtime.GOOS == "windows" {
				return errors.New("install completion: kubectl completes plugins on Linux and macOS only")
			}
			path, err := a.installCompleter(dir, dryRun)
			if err != nil {
				return fmt.Errorf("install completion: %w", err)
			}
			if !slices.Contains(filepath.SplitList(os.Getenv("PATH")), filepath.Dir(path)) {
				a.warn("%s is not on the PATH: kubectl will not find it", filepath.Dir(path))
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "folder to write to (default beside this program, else ~/.local/bin)")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written, and write nothing")
	_ = c.MarkFlagDirname("dir")
	return a.finish(c)
}

// installCompleter writes the script into dir, or the first folder that can be
// written, and returns its path.
func (a *app) installCompleter(dir string, dryRun bool) (string, error) {
	dirs, err := completerDirs(dir)
	if err != nil {
		return "", err
	}
	for i, dir := range dirs {
		path := filepath.Join(dir, completer)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, []byte(completerScript)) {
			a.say("%s is already there", path)
			return path, nil
		}
		if dryRun {
			a.say("dry run: would write %s", path)
			return path, nil
		}
		err := os.MkdirAll(dir, 0o755)
		if err == nil {
			err = os.WriteFile(path, []byte(completerScript), 0o755)
		}
		switch {
		case err == nil:
			a.say("wrote %s", path)
			return path, nil
		case i == len(dirs)-1 || !errors.Is(err, fs.ErrPermission):
			return "", err
		}
	}
	return "", fs.ErrPermission
}

func completerDirs(dir string) ([]string, error) {
	if dir != "" {
		abs, err := filepath.Abs(dir)
		return []string{abs}, err
	}
	var dirs []string
	if exe, err := os.Executable(); err == nil && !goRun.MatchString(exe) {
		dirs = append(dirs, filepath.Dir(exe))
	}
	home, err := os.UserHomeDir()
	if err != nil && len(dirs) == 0 {
		return nil, err
	}
	if err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "bin"))
	}
	return dirs, nil
}
