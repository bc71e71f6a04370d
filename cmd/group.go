package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// group makes a command that only has others under it.
func group(use, short string) *cobra.Command {
	return asGroup(&cobra.Command{Use: use, Short: short})
}

// asGroup makes the command show its help, and refuse what is none of those under
// it. Cobra alone would show the help for that too, and end with 0.
func asGroup(c *cobra.Command) *cobra.Command {
	c.Args = onlySubcommands
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

// onlySubcommands refuses arguments, since cobra has found no command for them.
func onlySubcommands(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			known = append(known, sub.Name())
		}
	}
	err := fmt.Errorf("unknown command %q%s", pathOf(c)+args[0], model.DidYouMean(args[0], known))
	return &exitError{code: exitUsage, err: err, hint: helpHint(c)}
}

// checkHelpTopics makes "help" refuse what is no command: cobra would show the
// help of the nearest command above it.
func checkHelpTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		return
	}
	help.Args = func(_ *cobra.Command, args []string) error {
		c, rest, err := root.Find(args)
		if err != nil || len(rest) == 0 {
			return err
		}
		return c.ValidateArgs(rest)
	}
}
