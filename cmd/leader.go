package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newLeader() *cobra.Command {
	var f lookFlags
	c := &cobra.Command{
		Use:   "leader",
		Short: "Who leads raft, in which term, and who could",
		Example: `  # Who leads?
  %[1]s leader
  # Just the name
  %[1]s leader -o json | jq -r .leader.name`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := whole(func(l *status.Live) any { return l.Leader() })
			return a.look(c, &f, w, func(ctx context.Context, s *status.Source) looked {
				leader, verdict := status.Leader(ctx, s)
				return looked{record: leader, verdict: verdict}
			})
		},
	}
	f.add(c, false)
	return a.finish(c)
}
