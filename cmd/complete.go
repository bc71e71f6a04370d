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

// completeHosts offers the hosts that the cluster or the target knows.
func (a *app) completeHosts(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	if err := loadSettings(c); err != nil {
		return nil, none
	}
	s, err := a.source()
	if err != nil {
		return nil, none
	}
	defer s.Pool.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), completeWithin)
	defer cancel()
	list, _, _ := status.Nodes(ctx, s, nil) // with an error, the target's own hosts
	var names []string
	for i := range list.Items {
		if name := list.Items[i].Name; model.CheckHost(name) == nil && !slices.Contains(args, name) {
			names = append(names, name)
		}
	}
	return names, none
}
