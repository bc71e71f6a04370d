package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newStatus() *cobra.Command {
	var f lookFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Verdict, counts, members and nodes on one screen",
		Long: `Verdict, counts, members and nodes on one screen.

The verdict is HEALTHY, DEGRADED (a member is down, an alarm is armed, a node is
stale, dead or invalid, or a config is rejected), UNHEALTHY (no quorum, or no
raft leader) or UNKNOWN (no member answers).

Exit codes: 0 done, 3 the verdict is at or above --fail-on, 4 no member answers.`,
		Example: `  # How is the cluster?
  %[1]s status
  # For a script: fail when anything is wrong
  %[1]s status --fail-on degraded -o name
  # Go on showing it
  %[1]s status -w
  # One figure of it
  %[1]s status -o json | jq .nodeCounts.dead`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := whole(func(l *status.Live) any { return l.Status() })
			return a.look(c, &f, w, func(ctx context.Context, s *status.Source) looked {
				st := status.Gather(ctx, s)
				return looked{record: st, verdict: st.Verdict}
			})
		},
	}
	f.add(c, false)
	return a.finish(c)
}
