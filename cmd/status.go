package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newStatus() *cobra.Command {
	var (
		out  outputFlags
		fail failOn
		live bool
	)
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
			if err := firstOf(out.validate(), fail.validate()); err != nil {
				return err
			}
			s, err := a.source()
			if err != nil {
				return err
			}
			defer s.Pool.Close()
			if live {
				return a.watch(c.Context(), &out, s, whole(func(l *status.Live) any { return l.Status() }))
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			st := status.Gather(ctx, s)
			if err := c.Context().Err(); err != nil {
				return err
			}
			if err := a.show(&out, st, nil); err != nil {
				return err
			}
			return fail.judge(st.Verdict)
		},
	}
	out.add(c, false)
	fail.add(c)
	addWatch(c, &live)
	return a.finish(c)
}
