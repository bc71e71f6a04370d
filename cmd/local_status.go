//go:build !node

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (a *app) newLocalStatus() *cobra.Command {
	var out outputFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "The processes of the local cluster",
		Example: `  %[1]s local status
  # Where each process writes its log
  %[1]s local status -o wide`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := out.validate(); err != nil {
				return err
			}
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			d, err := cluster.Describe()
			if err != nil {
				return err
			}
			if !d.Exists {
				return local.ErrNoCluster
			}
			processes, err := cluster.Processes(c.Context())
			if err != nil {
				return err
			}
			return a.show(&out, &model.ProcessList{
				TypeMeta: model.NewTypeMeta(model.KindProcessList, "local cluster", a.now()),
				Dir:      d.Dir,
				Items:    processes,
			}, nil)
		},
	}
	out.add(c, true)
	return a.finish(c)
}
