package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newNodes() *cobra.Command {
	var f lookFlags
	c := &cobra.Command{
		Use:     "nodes [NAME...]",
		Aliases: []string{"node"},
		Short:   "What every node reports",
		Long: `What every node reports: its state, the age of its last heartbeat, and its
metrics. -o wide shows everything that it says.

States: Alive, Stale (a heartbeat, but none new for longer than promised), Dead
(expected, and no heartbeat), Left, Invalid (what is under the key is no
heartbeat) and Unknown (the store cannot be read).`,
		Example: `  # All nodes
  %[1]s nodes
  # Two of them, with all that they report
  %[1]s nodes node-1 node-2 -o wide
  # Every change, a document a line
  %[1]s nodes -w -o json
  # The busiest first
  %[1]s nodes --sort-by=-cpu`,
		ValidArgsFunction: a.completeHosts,
		RunE: func(c *cobra.Command, names []string) error {
			return a.look(c, &f, watchedNodes(names), func(ctx context.Context, s *status.Source) looked {
				list, missing, err := status.Nodes(ctx, s, names)
				found := looked{record: list, errs: list.Errors, verdict: status.VerdictOfNodes(list.Items)}
				switch {
				case err != nil:
					found.verdict = status.VerdictUnread(err)
				case len(missing) > 0:
					found.err = fmt.Errorf("find nodes: %w: %s", errNotFound, strings.Join(missing, ", "))
				case len(list.Items) == 0:
					a.say("no nodes: no agent reports, and nothing names one")
				}
				return found
			})
		},
	}
	f.add(c, true)
	c.AddCommand(a.newNodesForget())
	return a.finish(c)
}

var errNotFound = errors.New("not found")
