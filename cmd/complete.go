package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// completeWithin is how long a person waits for a completion. What is not known
// by then is not offered, and nothing is said about it.
const completeWithin = 300 * time.Millisecond

// offer asks the cluster for names, and offers those that are not given already.
func (a *app) offer(c *cobra.Command, args []string, names func(context.Context, *status.Source) []string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	if err := a.loadSettings(c); err != nil {
		return nil, none
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), completeWithin)
	defer cancel()
	s, err := a.source(ctx)
	if err != nil {
		return nil, none
	}
	defer s.Pool.Close()
	return slices.DeleteFunc(names(ctx, s), func(name string) bool { return slices.Contains(args, name) }), none
}

// completeMembers offers the members of the cluster.
func (a *app) completeMembers(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.offer(c, args, func(ctx context.Context, s *status.Source) (names []string) {
		for _, m := range status.Members(ctx, s).Items {
			names = append(names, m.Name)
		}
		return names
	})
}

// completeHosts offers the hosts that the cluster or the target knows.
func (a *app) completeHosts(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.offer(c, args, func(ctx context.Context, s *status.Source) (names []string) {
		list, _, _ := status.Nodes(ctx, s, nil) // with an error, the target's own hosts
		for i := range list.Items {
			if name := list.Items[i].Name; model.CheckHost(name) == nil {
				names = append(names, name)
			}
		}
		return names
	})
}
