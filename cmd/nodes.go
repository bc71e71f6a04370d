package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newNodes() *cobra.Command {
	var (
		out  outputFlags
		fail failOn
		live bool
	)
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
		RunE: func(c *cobra.Command, names []string) error {
			if err := firstOf(out.validate(), fail.validate()); err != nil {
				return err
			}
			s, err := a.source()
			if err != nil {
				return err
			}
			defer s.Pool.Close()
			if live {
				return a.watch(c.Context(), &out, s, watchedNodes(names))
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			list, missing, err := status.Nodes(ctx, s, names)
			if err := c.Context().Err(); err != nil {
				return err
			}
			if err := a.show(&out, list, list.Errors); err != nil {
				return err
			}
			if err != nil {
				return fail.judge(status.VerdictUnread(err))
			}
			if len(missing) > 0 {
				return fmt.Errorf("find nodes: %w: %s", errNotFound, strings.Join(missing, ", "))
			}
			if len(list.Items) == 0 {
				a.say("no nodes: no agent reports, and nothing names one")
			}
			return fail.judge(status.VerdictOfNodes(list.Items))
		},
	}
	out.add(c, true)
	fail.add(c)
	addWatch(c, &live)
	return a.finish(c)
}

var errNotFound = errors.New("not found")
