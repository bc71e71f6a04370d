package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

type applyOptions struct {
	fileFlags
	pushFlags
}

func (a *app) newConfigApply() *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Push a config by compare-and-swap",
		Long: `Push configs, all of them or none, and only over what has been seen: the
revision of --if-revision, else the one in the file, else the one whose diff was
shown. If somebody else was faster nothing is written, and the exit code is 6.

The file holds one plain config, whose hosts --host, --hosts-file, --all or
--default name, or the list that "config get -o yaml" prints. Fields that are not
known are stored as they are. Every push leaves an entry in the config log. One
push takes 500 hosts at most.

With --wait, the default on a terminal, it tells when each agent has applied it.`,
		Example: `  # {"interval": 1, "metrics": ["cpu", "memory"]} for one host
  %[1]s config apply --host node-1 -f fast.json
  # For every host that does not say otherwise, without a question
  echo 'interval: 5' | %[1]s config apply --default -f - --yes -m "less noise"
  # Only if nobody has changed it since revision 42
  %[1]s config apply --host node-1 -f fast.json --if-revision 42`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.apply(c.Context(), &o) },
	}
	o.fileFlags.add(c)
	o.pushFlags.add(c, a)
	return a.finish(c)
}

func (a *app) apply(ctx context.Context, o *applyOptions) error {
	from, err := o.read(a)
	if err != nil {
		return err
	}
	p, err := a.pusher(ctx, &o.pushFlags, "Push this?")
	if err != nil {
		return err
	}
	defer p.source.Pool.Close()
	p.answerable = !o.readsStdin()
	wanted, err := from.wanted(ctx, p.source)
	if err != nil {
		return err
	}
	return p.offer(ctx, wanted)
}
