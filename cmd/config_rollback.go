package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
)

type rollbackOptions struct {
	hosts hostFlags
	to    int64
	pushFlags
}

func (a *app) newConfigRollback() *cobra.Command {
	var o rollbackOptions
	c := &cobra.Command{
		Use:   "rollback --to REVISION",
		Short: "Bring back an earlier config of a host",
		Long: `Push what a host's config was at one of its revisions, to the byte, as a new
change. The revision of a deletion, or 0, means no config. "config history" lists
the revisions.`,
		Example: `  # Which revisions are there?
  %[1]s config history --host node-1
  %[1]s config rollback --host node-1 --to 42
  # Back to no config at all
  %[1]s config rollback --host node-1 --to 0 --yes -m "was never needed"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.rollback(c.Context(), &o) },
	}
	o.hosts.add(c)
	c.Flags().Int64Var(&o.to, "to", anyRevision, "the revision to go back to; 0 for no config")
	c.Flags().Lookup("to").DefValue = "0" // it must be given
	o.add(c, a)
	return a.finish(c)
}

func (a *app) rollback(ctx context.Context, o *rollbackOptions) error {
	host, err := o.hosts.one()
	if err != nil {
		return err
	}
	switch {
	case o.to == anyRevision:
		return &exitError{code: exitUsage, err: errors.New("which revision? Give it by --to"), hint: "config history " + owner(host)}
	case o.to < 0:
		return usageError("--to must be 0 or more, not %d", o.to)
	}
	if o.message == "" {
		o.message = fmt.Sprintf("rollback to %d", o.to)
	}
	p, err := a.pusher(ctx, &o.pushFlags, "Push this?")
	if err != nil {
		return err
	}
	defer p.source.Pool.Close()
	reading, cancel := a.bounded(ctx)
	defer cancel()
	wanted, err := p.store.Rollback(reading, host, o.to)
	if _, ok := errors.AsType[*configpush.NoRevisionError](err); ok {
		return &exitError{code: exitFailure, err: err, hint: "config history " + owner(host)}
	}
	if err != nil {
		return err
	}
	return p.offer(ctx, []configpush.Wanted{wanted})
}
