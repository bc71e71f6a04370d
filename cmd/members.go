package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newMembers() *cobra.Command {
	var (
		out  outputFlags
		fail failOn
		live bool
	)
	c := &cobra.Command{
		Use:     "members",
		Aliases: []string{"member"},
		Short:   "The etcd members, as each tells of itself",
		Long: `The etcd members: role, version, size of the database, raft lag and term. A
member that does not answer keeps its row, with the reason. -o wide adds IDs,
endpoints, indexes, revision, alarms and errors.

The figures are those of "etcdctl endpoint status"; IDs are hexadecimal strings
in every format.`,
		Example: `  # All members
  %[1]s members
  # With IDs, indexes and alarms
  %[1]s members -o wide
  # Of another cluster, through one of its members
  %[1]s members --endpoints http://10.0.0.1:2379`,
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
				return a.watch(c.Context(), &out, s, whole(func(l *status.Live) any { return l.Members() }))
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			list := status.Members(ctx, s)
			if err := c.Context().Err(); err != nil {
				return err
			}
			if err := a.show(&out, list, list.Errors); err != nil {
				return err
			}
			return fail.judge(status.VerdictOfMembers(list.Items))
		},
	}
	out.add(c, true)
	fail.add(c)
	addWatch(c, &live)
	return a.finish(c)
}
