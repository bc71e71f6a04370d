//go:build !node

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

func (a *app) newLocalLogs() *cobra.Command {
	o := local.LogOptions{Tail: -1}
	c := &cobra.Command{
		Use:   "logs NAME",
		Short: "The log of one process",
		Example: `  %[1]s local logs etcd-1
  # The end of it, and what comes
  %[1]s local logs agent-2 --tail 10 -f`,
		Args:              oneArg("process"),
		ValidArgsFunction: a.processNames,
		RunE: func(c *cobra.Command, args []string) error {
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			return cluster.Log(c.Context(), a.Out, args[0], o)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.Follow, "follow", "f", false, "go on with what is added")
	f.IntVar(&o.Tail, "tail", o.Tail, "lines from the end to begin with; -1 for all")
	return a.finish(c)
}
