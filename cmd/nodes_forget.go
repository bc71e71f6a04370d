package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/roster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

type forgetOptions struct{ dryRun, yes bool }

func (a *app) newNodesForget() *cobra.Command {
	var o forgetOptions
	c := &cobra.Command{
		Use:   "forget HOST...",
		Short: "Forget nodes that are gone for good",
		Long: `Drop what the aggregators remember of nodes that are gone for good: since when
they are known, how they are, and since when and why. Their events stay. A node
that comes back is a new one.

A node that reports is not forgotten, and none of the others then (exit code 7):
stop its agent first. One that a config of its own or the target names is still
expected; it is said what names it.`,
		Example: `  %[1]s nodes forget node-7
  # What would be dropped?
  %[1]s nodes forget node-7 node-8 --dry-run`,
		Args:              someArgs("host"),
		ValidArgsFunction: a.completeRoster,
		RunE:              func(c *cobra.Command, hosts []string) error { return a.forget(c.Context(), &o, distinct(hosts)) },
	}
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be dropped and write nothing")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return a.finish(c)
}

func (a *app) forget(ctx context.Context, o *forgetOptions, hosts []string) error {
	for _, host := range hosts {
		if err := model.CheckHost(host); err != nil {
			return &exitError{code: exitUsage, err: err}
		}
	}
	s, err := a.source(ctx)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	reading, cancel := a.bounded(ctx)
	defer cancel()
	records, err := roster.Find(reading, s.Pool, hosts)
	if err == nil {
		err = a.forgettable(reading, s, records)
	}
	if err != nil {
		return err
	}
	if o.dryRun {
		describe(a.Out, records)
		a.say("dry run: nothing written")
		return nil
	}
	if !o.yes {
		describe(a.Err, records)
		if err := a.confirm(ctx, "Forget this?", true, a.typed()+" --yes"); err != nil {
			return err
		}
	}
	writing, cancel := a.bounded(ctx) // anew: the question may have taken long
	defer cancel()
	for i := range records {
		if err := roster.Forget(writing, s.Pool, records[i]); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "node/%s forgotten\n", records[i].Host)
		a.sayExpected(s, &records[i])
	}
	return nil
}

// completeRoster offers the hosts that the aggregators remember.
func (a *app) completeRoster(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.offer(c, args, func(ctx context.Context, s *status.Source) []string {
		hosts, _ := roster.Hosts(ctx, s.Pool) // with an error, none
		return hosts
	})
}
