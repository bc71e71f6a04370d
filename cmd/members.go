package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newMembers() *cobra.Command {
	var f lookFlags
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
			w := whole(func(l *status.Live) any { return l.Members() })
			return a.look(c, &f, w, func(ctx context.Context, s *status.Source) looked {
				list := status.Members(ctx, s)
				return looked{record: list, errs: list.Errors, verdict: status.VerdictOfMembers(list.Items)}
			})
		},
	}
	f.add(c, true)
	return a.finish(c)
}
