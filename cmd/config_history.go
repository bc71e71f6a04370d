package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (a *app) newConfigHistory() *cobra.Command {
	var (
		out   outputFlags
		hosts hostFlags
	)
	c := &cobra.Command{
		Use:   "history",
		Short: "Who changed a config, when and why",
		Long: `Who changed a host's config, when, why and how, the newest change first. The
config log keeps the newest 32. A change by a client that leaves no entry there,
such as etcdctl, shows as that of an unknown client; how long its value is known
is a matter of etcd's compaction. -o wide shows the values.`,
		Example: `  %[1]s config history --host node-1
  # With the values
  %[1]s config history --default -o wide
  # The revision before the last change
  %[1]s config history --host node-1 -o json | jq '.items[0].before'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			host, err := hosts.one()
			if err = firstOf(err, out.validate()); err != nil {
				return err
			}
			s, err := a.source(c.Context())
			if err != nil {
				return err
			}
			defer s.Pool.Close()
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			h := &model.ConfigHistory{TypeMeta: model.NewTypeMeta(model.KindConfigHistory, s.Name, a.now()), Host: host}
			if h.Items, err = a.store(s.Pool).History(ctx, host); err != nil {
				return err
			}
			if err := a.show(&out, h, nil); err != nil {
				return err
			}
			if len(h.Items) == 0 {
				a.say("no change of config %q is known", host)
			}
			return nil
		},
	}
	out.add(c, true)
	hosts.add(c)
	return a.finish(c)
}
