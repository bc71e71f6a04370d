package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// finish writes the program's name into a command's examples.
func (a *app) finish(c *cobra.Command) *cobra.Command {
	c.Example = strings.ReplaceAll(c.Example, "%[1]s", a.program)
	return c
}

// noArgs refuses arguments, with a hint where to look.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &exitError{code: exitUsage, err: fmt.Errorf("%s takes no arguments, got %q", c.Name(), args[0]), hint: helpHint(c)}
}

// oneArg wants exactly one argument, called what.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return &exitError{code: exitUsage, err: fmt.Errorf("%s wants one %s, got %d", c.Name(), what, len(args)), hint: helpHint(c)}
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
