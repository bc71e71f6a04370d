package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

type setOptions struct {
	hosts hostFlags
	pushFlags
}

func (a *app) newConfigSet() *cobra.Command {
	var o setOptions
	c := &cobra.Command{
		Use:   "set (NAME=VALUE | NAME-)...",
		Short: "Set or unset fields of stored configs",
		Long: `Set fields of the stored configs, or unset them by NAME-; whatever else is
stored stays to the byte. A host without a config gets a new one.

Fields: interval (seconds, 0.1 to 3600), metrics (names by commas) and ttl
(seconds, 2 to 600). All hosts are written in one push, or none, and none that
somebody else changes meanwhile (exit code 6).`,
		Example: `  # Look closer at one host
  %[1]s config set --host node-1 interval=2 metrics=cpu,memory
  # Names with spaces want quotes
  %[1]s config set --host node-1 "metrics=cpu,disk read,disk write"
  # Back to what is said for every host
  %[1]s config set --host node-1 interval- metrics-
  # Every host that the cluster knows, without a question
  %[1]s config set --all ttl=10 --yes -m "slow network"`,
		Args:              someArgs("NAME=VALUE or NAME-"),
		ValidArgsFunction: completeField,
		RunE:              func(c *cobra.Command, args []string) error { return a.set(c.Context(), &o, args) },
	}
	o.hosts.addMany(c)
	o.add(c, a)
	return a.finish(c)
}

func (a *app) set(ctx context.Context, o *setOptions, args []string) error {
	fields, err := configpush.ParseFields(args)
	if err = firstOf(err, o.hosts.required()); err != nil {
		return err
	}
	names, err := o.hosts.names(a.In)
	if err != nil {
		return err
	}
	p, err := a.pusher(ctx, &o.pushFlags, "Push this?")
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
	stored, err := p.store.Get(reading, names)
	if err != nil {
		return err
	}
	wanted, err := configpush.Set(stored, fields)
	if garbage, ok := errors.AsType[*configpush.NotObjectError](err); ok {
		return &exitError{code: exitFailure, err: fmt.Errorf("%w: replace it by config apply or config edit", err), hint: "config edit " + owner(garbage.Host)}
	}
	if err != nil {
		return err
	}
	for _, w := range wanted {
		if string(w.JSON) == "{}" {
			a.say("config %q sets nothing any more; it stays as {}, which \"config delete\" removes", w.Host)
		}
	}
	return p.offer(ctx, wanted)
}

// completeField offers the fields, and metrics after the last comma.
func completeField(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	if names, ok := strings.CutPrefix(typed, "metrics="); ok {
		before := typed[:len(typed)-len(names)+strings.LastIndexByte(names, ',')+1]
		var offers []cobra.Completion
		for _, metric := range model.MetricNames() {
			offers = append(offers, before+metric)
		}
		return offers, more
	}
	return []cobra.Completion{"interval=", "metrics=", "ttl=", "interval-", "metrics-", "ttl-"}, more
}

// owner is the flag that names whose config is meant.
func owner(host string) string {
	if host == model.DefaultHost {
		return "--default"
	}
	return "--host " + host
}
