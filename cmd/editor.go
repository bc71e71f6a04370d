package cmd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// editorGrace is how long an editor may take to end after an interrupt.
const editorGrace = time.Second

// runEditor lets the user edit a file, in $KUBE_EDITOR, $EDITOR or vi, and waits
// until the editor ends.
func (a *app) runEditor(ctx context.Context, path string) error {
	editor := cmp.Or(os.Getenv("KUBE_EDITOR"), os.Getenv("EDITOR"), "vi")
	// The variable is a command line, arguments included; the shell takes it apart
	// as git and kubectl let it.
	argv := []string{"sh", "-c", editor + ` "$@"`, editor, path}
	if runtime.GOOS == "windows" {
		argv = append(strings.Fields(editor), path)
	}
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Stdin, c.Stdout, c.Stderr = a.In, a.Out, a.Err
	// Not killed at once: an editor that is leaves the terminal raw.
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = editorGrace
	if err := c.Run(); err != nil {
		return fmt.Errorf("run editor %q: %w", editor, err)
	}
	return nil
}
