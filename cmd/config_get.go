package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (a *app) newConfigGet() *cobra.Command {
	var (
		out   outputFlags
		hosts hostFlags
	)
	c := &cobra.Command{
		Use:   "get",
		Short: "What is stored, for all hosts or some",
		Long: `What is stored: every config, or that of the named hosts. -o yaml and -o json
print the form that "config apply" takes back, revisions included, so that
get, edit, apply is a round trip that overwrites nobody's change.`,
		Example: `  # All that is stored
  %[1]s config get
  # Get, edit, apply
  %[1]s config get --host node-1 -o yaml > node-1.yaml
  %[1]s config apply -f node-1.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			names, err := hosts.names(nil)
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
			list := &model.ConfigList{TypeMeta: model.NewTypeMeta(model.KindConfigList, s.Name, a.now())}
			if len(names) == 0 {
				list.Items, err = a.store(s.Pool).List(ctx)
			} else {
				list.Items, err = a.store(s.Pool).Get(ctx, names)
			}
			if err != nil {
				return err
			}
			for _, item := range list.Items {
				if item.Revision == 0 {
					return &exitError{
						code: exitFailure,
						err:  fmt.Errorf("get config %q: %w: what is in force there is the default or built in", item.Host, errNotFound),
						hint: "config get",
					}
				}
			}
			if err := a.show(&out, list, nil); err != nil {
				return err
			}
			if len(list.Items) == 0 {
				a.say("no configs are stored: every agent uses what is built in")
			}
			return nil
		},
	}
	out.add(c, true)
	hosts.add(c)
	return a.finish(c)
}
