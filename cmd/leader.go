package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newLeader() *cobra.Command {
	var (
		out  outputFlags
		fail failOn
		live bool
	)
	c := &cobra.Command{
		Use:   "leader",
		Short: "Who leads raft, in which term, and who could",
		Example: `  # Who leads?
  %[1]s leader
  # Just the name
  %[1]s leader -o json | jq -r .leader.name`,
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
				return a.watch(c.Context(), &out, s, whole(func(l *status.Live) any { return l.Leader() }))
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			leader, verdict, err := status.Leader(ctx, s)
			if err != nil && !errors.Is(err, status.ErrNoMember) {
				return err
			}
			if err := c.Context().Err(); err != nil {
				return err
			}
			if err := a.show(&out, leader, nil); err != nil {
				return err
			}
			return fail.judge(verdict)
		},
	}
	out.add(c, false)
	fail.add(c)
	addWatch(c, &live)
	return a.finish(c)
}
