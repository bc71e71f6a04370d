package cmd

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
)

// exitDifferent is what "config diff" exits with when something differs; as with
// diff(1), more than that is an error.
const exitDifferent = 1

func (a *app) newConfigDiff() *cobra.Command {
	var o fileFlags
	c := &cobra.Command{
		Use:   "diff -f FILE",
		Short: "What a push would change",
		Long: `What "config apply" would change, as a unified diff.

Exit codes: 0 nothing, 1 something, more than 1 an error.`,
		Example: `  %[1]s config diff --host node-1 -f fast.json
  # Does the cluster hold what the repository says?
  %[1]s config diff -f configs.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			err := a.diff(c, &o)
			if code := exitCode(c.Context(), err); code == exitFailure {
				if _, ok := errors.AsType[*exitError](err); !ok {
					return &exitError{code: exitUsage, err: err}
				}
			}
			return err
		},
	}
	o.add(c)
	return a.finish(c)
}

func (a *app) diff(c *cobra.Command, o *fileFlags) error {
	from, err := o.read(a)
	if err != nil {
		return err
	}
	s, err := a.source(c.Context())
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	ctx, cancel := a.bounded(c.Context())
	defer cancel()
	wanted, err := from.wanted(ctx, s)
	if err != nil {
		return err
	}
	plan, err := a.store(s.Pool).Plan(ctx, wanted)
	if err != nil {
		return a.explain(err)
	}
	if plan.Same() {
		return nil
	}
	a.printDiff(a.Out, plan)
	return &exitError{code: exitDifferent}
}

// printDiff shows what a plan changes, coloured where the stream is.
func (a *app) printDiff(w io.Writer, plan *configpush.Plan) {
	color := a.colored(w)
	for i := range plan.Changes {
		for line := range bytes.Lines(plan.Changes[i].Diff()) {
			text := sanitizeLines(strings.TrimSuffix(string(line), "\n"))
			if color {
				text = colorDiff(text)
			}
			_, _ = io.WriteString(w, text+"\n")
		}
	}
}

func colorDiff(line string) string {
	switch {
	case strings.HasPrefix(line, "+"):
		return "\x1b[32m" + line + "\x1b[0m"
	case strings.HasPrefix(line, "-"):
		return "\x1b[31m" + line + "\x1b[0m"
	}
	return line
}
