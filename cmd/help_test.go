package cmd_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/cmd"
)

func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || len(c.Short) > 60 {
			t.Errorf("%s: Short is %q", path, c.Short)
		}
		if c.RunE != nil && c.Args == nil && c.Name() != "nodes" && c.Name() != "members" {
			t.Errorf("%s takes any arguments", path)
		}
		if c.RunE != nil && !c.HasSubCommands() && c.Example == "" {
			t.Errorf("%s has no example", path)
		}
		for line := range strings.SplitSeq(c.Long, "\n") {
			if len(line) > 82 {
				t.Errorf("%s: a line of Long has %d columns: %s", path, len(line), line)
			}
		}
		for _, sub := range c.Commands() {
			if !sub.Hidden && sub.Name() != "help" && sub.Name() != "completion" {
				walk(sub)
			}
		}
	}
	walk(cmd.Documented())
}
