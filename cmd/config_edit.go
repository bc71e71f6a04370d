package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

type editOptions struct {
	hosts hostFlags
	pushFlags
}

func (a *app) newConfigEdit() *cobra.Command {
	var o editOptions
	c := &cobra.Command{
		Use:   "edit",
		Short: "Edit stored configs in your editor",
		Long: `Edit stored configs in $KUBE_EDITOR, else $EDITOR, else vi, and push what was
saved. What cannot be pushed is opened again with its problems on top. A file that
is saved empty or as it was pushes nothing.

What is pushed is based on the revision that was shown: if somebody else changes
the config meanwhile, nothing is written (exit code 6), and the edited file is
kept.`,
		Example: `  %[1]s config edit --host node-1
  # Two of them in one push, without a question
  %[1]s config edit --host node-1,node-2 --yes -m "tuning"
  # In another editor
  KUBE_EDITOR="code --wait" %[1]s config edit --default`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.edit(c.Context(), &o) },
	}
	o.hosts.add(c)
	o.add(c, a)
	return a.finish(c)
}

func (a *app) edit(ctx context.Context, o *editOptions) error {
	names, err := o.hosts.names(nil)
	if err = firstOf(err, o.hosts.required()); err != nil {
		return err
	}
	p, err := a.pusher(ctx, &o.pushFlags, "Push this?")
	if err != nil {
		return err
	}
	defer p.source.Pool.Close()
	reading, cancel := a.bounded(ctx)
	list := &model.ConfigList{TypeMeta: model.NewTypeMeta(model.KindConfigList, p.source.Name, a.now())}
	list.Items, err = p.store.Get(reading, names)
	cancel()
	if err != nil {
		return err
	}
	e, err := a.newEditing(list)
	if err != nil {
		return err
	}
	p.again = "config apply -f " + shellWord(e.path) + " --yes"
	wanted, err := e.wanted(ctx)
	if err == nil && wanted != nil {
		err = p.offer(ctx, wanted)
	}
	if err != nil || o.dryRun {
		return errors.Join(err, e.keep())
	}
	return e.discard()
}
