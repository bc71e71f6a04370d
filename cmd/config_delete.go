package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
)

func (a *app) newConfigDelete() *cobra.Command {
	var o setOptions
	c := &cobra.Command{
		Use:   "delete",
		Short: "Delete stored configs",
		Long: `Delete stored configs: what is in force then is the default, or what is built
in. All of them or none, and none that somebody else changes meanwhile (exit code
6). The config log keeps what was deleted: "config rollback" brings it back.

--all means every host's own config; the default only with --default.`,
		Example: `  # Back to what is said for every host
  %[1]s config delete --host node-1
  # Nothing configured at all
  %[1]s config delete --all --default --yes`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.delete(c.Context(), &o) },
	}
	o.hosts.addMany(c)
	o.add(c, a)
	return a.finish(c)
}

func (a *app) delete(ctx context.Context, o *setOptions) error {
	if err := o.hosts.required(); err != nil {
		return err
	}
	names, err := o.hosts.names(a.In)
	if err != nil {
		return err
	}
	p, err := a.pusher(ctx, &o.pushFlags, "Delete this?")
	if err != nil {
		return err
	}
	defer p.source.Pool.Close()
	p.answerable = o.hosts.file != stdinName
	reading, cancel := a.bounded(ctx)
	defer cancel()
	if names, err = o.hosts.with(reading, p.source, names); err != nil {
		return err
	}
	wanted := make([]configpush.Wanted, len(names))
	for i, host := range names {
		wanted[i] = configpush.Wanted{Host: host, Delete: true}
	}
	return p.offer(ctx, wanted)
}
