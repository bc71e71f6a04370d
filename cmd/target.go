package cmd

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

func (a *app) newTarget() *cobra.Command {
	c := a.newTargetShow("target")
	c.Short = "Which cluster commands talk to"
	c.Long = `Which cluster commands talk to: the one that --endpoints or --local names, by
flag, environment or config file; else the current target. "local up" makes the
local cluster the current target, and "local down" clears it.`
	c.Args = group("target", "").Args
	c.AddCommand(a.newTargetShow("show"), a.newTargetSet(), a.newTargetList(), a.newTargetDelete())
	return c
}

func (a *app) newTargetShow(use string) *cobra.Command {
	return a.finish(&cobra.Command{
		Use:   use,
		Short: "Say which cluster a command would talk to, and why",
		Example: `  %[1]s target show
  %[1]s target show --endpoints http://10.0.0.1:2379`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			t, err := a.target(c.Context())
			if err != nil {
				return err
			}
			why := "the current target"
			switch {
			case a.global.local:
				why = "named by --local"
			case c.Flags().Changed("endpoints"):
				why = "named by --endpoints"
			case len(a.global.endpoints) > 0:
				why = "named by " + settingSource("endpoints")
			}
			_, err = fmt.Fprintf(a.Out, "Target: %s\nChosen: %s\nEndpoints: %s\n",
				sanitizeLines(t.Name), why, sanitizeLines(strings.Join(t.Etcd.Endpoints, ",")))
			return err
		},
	})
}

func (a *app) newTargetSet() *cobra.Command {
	return a.finish(&cobra.Command{
		Use:   "set NAME",
		Short: "Choose the current target, or keep a new one",
		Long: `Make a cluster the current target. With --endpoints (and --cacert, --cert, --key)
it is kept under the name; without, it is the one that was kept. "local" is the
local cluster, "none" clears the current target.`,
		Example: `  # Keep a cluster, and talk to it from now on
  %[1]s target set lab --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379
  # Back to the local one
  %[1]s target set local`,
		Args:              oneArg("name"),
		ValidArgsFunction: a.completeTargets,
		RunE: func(c *cobra.Command, args []string) error {
			stateDir, err := target.DefaultStateDir()
			if err != nil {
				return err
			}
			choice, err := a.choose(c, stateDir, args[0])
			if err != nil {
				return err
			}
			if err := target.SetCurrent(stateDir, choice); err != nil {
				return err
			}
			if choice == (target.Choice{}) {
				a.say("there is no current target now")
				return nil
			}
			a.say("the current target is %s", args[0])
			return nil
		},
	})
}

func (a *app) choose(c *cobra.Command, stateDir, name string) (target.Choice, error) {
	g := &a.global
	named := c.Flags().Changed("endpoints")
	switch {
	case name == target.NameNone && !named:
		return target.Choice{}, nil
	case name == target.NameLocal && !named:
		dir, err := local.DefaultDir()
		return target.Choice{Local: dir}, err
	case !named:
		return target.Find(stateDir, name)
	}
	choice := target.Choice{Name: name, Endpoints: strings.Join(g.endpoints, ","), CACert: g.cacert, Cert: g.cert, Key: g.key}
	for _, file := range []*string{&choice.CACert, &choice.Cert, &choice.Key} {
		if *file == "" {
			continue
		}
		abs, err := filepath.Abs(*file) // it is used from other directories
		if err != nil {
			return choice, fmt.Errorf("find the certificate %q: %w", *file, err)
		}
		*file = abs
	}
	return choice, target.Keep(stateDir, choice)
}

func (a *app) newTargetList() *cobra.Command {
	var out outputFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "The clusters that are kept, and the local one",
		Example: `  %[1]s target list
  %[1]s target list -o name`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := out.validate(); err != nil {
				return err
			}
			list, err := a.targets()
			if err != nil {
				return err
			}
			if err := a.show(&out, list, nil); err != nil {
				return err
			}
			if len(list.Items) == 0 {
				a.say("no targets: there is no local cluster, and none is kept")
			}
			return nil
		},
	}
	out.add(c, false)
	return a.finish(c)
}

// targets lists what can be chosen: the local cluster if there is one, and what
// is kept.
func (a *app) targets() (*model.TargetList, error) {
	stateDir, err := target.DefaultStateDir()
	if err != nil {
		return nil, err
	}
	current, err := target.Current(stateDir)
	if err != nil {
		return nil, err
	}
	kept, err := target.Kept(stateDir)
	if err != nil {
		return nil, err
	}
	dir, err := local.DefaultDir()
	if err != nil {
		return nil, err
	}
	list := &model.TargetList{TypeMeta: model.NewTypeMeta(model.KindTargetList, "", a.now())}
	d, err := local.Open(dir).Describe()
	if d.Exists || err != nil {
		item := model.TargetItem{Name: target.NameLocal, Current: current.Local == dir, Endpoints: d.Endpoints, Where: dir}
		if err != nil {
			item.Reason = err.Error()
		}
		list.Items = append(list.Items, item)
	}
	for _, k := range kept {
		list.Items = append(list.Items, model.TargetItem{Name: k.Name, Current: k == current, Endpoints: strings.Split(k.Endpoints, ",")})
	}
	return list, nil
}

func (a *app) newTargetDelete() *cobra.Command {
	return a.finish(&cobra.Command{
		Use:               "delete NAME",
		Short:             "Forget a cluster that is kept",
		Example:           `  %[1]s target delete lab`,
		Args:              oneArg("name"),
		ValidArgsFunction: a.completeTargets,
		RunE: func(_ *cobra.Command, args []string) error {
			stateDir, err := target.DefaultStateDir()
			if err != nil {
				return err
			}
			choice, err := target.Find(stateDir, args[0])
			if err != nil {
				return err
			}
			if current, err := target.Current(stateDir); err == nil && current == choice {
				if err := target.SetCurrent(stateDir, target.Choice{}); err != nil {
					return err
				}
			}
			if err := target.Forget(stateDir, args[0]); err != nil {
				return err
			}
			a.say("forgot %s", args[0])
			return nil
		},
	})
}

func (a *app) completeTargets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	list, err := a.targets()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, len(list.Items))
	for i, t := range list.Items {
		names[i] = t.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
