package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newMembers() *cobra.Command {
	var f lookFlags
	c := &cobra.Command{
		Use:     "members [NAME...]",
		Aliases: []string{"member"},
		Short:   "The etcd members, as each tells of itself",
		Long: `The etcd members: role, version, size of the database, raft lag and term. A
member that does not answer keeps its row, with the reason. -o wide adds IDs,
endpoints, indexes, revision, alarms and errors.

The figures are those of "etcdctl endpoint status"; IDs are hexadecimal strings
in every format.`,
		Example: `  # All members
  %[1]s members
  # One of them, with ID, indexes and alarms
  %[1]s members etcd-1 -o wide
  # Of another cluster, through one of its members
  %[1]s members --endpoints http://10.0.0.1:2379`,
		ValidArgsFunction: a.completeMembers,
		RunE: func(c *cobra.Command, names []string) error {
			w := whole(func(l *status.Live) any {
				list := l.Members()
				list.Items, _ = pickMembers(list.Items, names)
				return list
			})
			return a.look(c, &f, w, func(ctx context.Context, s *status.Source) looked {
				list := status.Members(ctx, s)
				// The verdict is on all of them: a quorum is nothing that one has.
				found := looked{record: list, errs: list.Errors, verdict: status.VerdictOfMembers(list.Items)}
				var missing []string
				if list.Items, missing = pickMembers(list.Items, names); len(missing) > 0 {
					found.err = fmt.Errorf("find members: %w: %s", errNotFound, strings.Join(missing, ", "))
				}
				return found
			})
		},
	}
	f.add(c, true)
	return a.finish(c)
}

// pickMembers returns the named members, or all where none is named.
func pickMembers(all []model.Member, names []string) (picked []model.Member, missing []string) {
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(m model.Member) bool { return m.Name == name })
		if i < 0 {
			missing = append(missing, name)
		} else {
			picked = append(picked, all[i])
		}
	}
	return picked, missing
}
