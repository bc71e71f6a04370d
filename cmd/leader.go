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
		Short: "Who leads raft and the aggregators, and who could",
		Long: `Who leads raft, and which members could if the leader went. Where aggregators
run, also who of them leads and since when, who stands by, and the last changes of
their leader: after whom, why, and for how long nobody led ("events --type leader"
knows the earlier ones).`,
		Example: `  # Who leads?
  %[1]s leader
  # Tell every change
  %[1]s leader -w
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
