package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// finish writes the program's name into a command's examples, and completes the
// names of hosts where it takes some.
func (a *app) finish(c *cobra.Command) *cobra.Command {
	c.Example = strings.ReplaceAll(c.Example, "%[1]s", a.program)
	if c.Flags().Lookup("host") != nil && c.Name() != agentName {
		_ = c.RegisterFlagCompletionFunc("host", a.completeHosts)
	}
	return c
}

// noArgs refuses arguments, with a hint where to look, or how to name a host.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := helpHint(c)
	if c.Flags().Lookup("host") != nil && model.CheckHost(args[0]) == nil {
		hint = pathOf(c) + "--host " + args[0]
	}
	return &exitError{code: exitUsage, err: fmt.Errorf("%s takes no arguments, got %q", c.Name(), args[0]), hint: hint}
}

// someArgs wants at least one argument, called what.
func someArgs(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return &exitError{code: exitUsage, err: fmt.Errorf("%s wants at least one %s", c.Name(), what), hint: helpHint(c)}
	}
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

// wrongFlag is the error of a flag that is unknown, or has no such value.
func wrongFlag(c *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() == "" {
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		err = fmt.Errorf("%w%s", err, model.DidYouMean("--"+unknown.GetSpecifiedName(), known))
	}
	return &exitError{code: exitUsage, err: err, hint: helpHint(c)}
}

// typed is the command line after the program's name, fit to be typed again.
func (a *app) typed() string {
	words := make([]string, len(a.args))
	for i, arg := range a.args {
		words[i] = shellWord(arg)
	}
	return strings.Join(words, " ")
}

// shellWord quotes an argument as POSIX shells want it, if need be.
func shellWord(arg string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
