//go:build !node

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

func (a *app) newLocalDown() *cobra.Command {
	var o local.DownOptions
	c := &cobra.Command{
		Use:   "down",
		Short: "Stop the cluster and remove all that it holds",
		Long: `Stop every process of the local cluster and remove its files. With --keep-data
the members' data stays, and the next "up" goes on with it.`,
		Example: `  # Leave nothing behind
  %[1]s local down
  # Stop, and go on later
  %[1]s local down --keep-data`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			show := progress{app: a}
			o.Progress = show.step
			result, err := cluster.Down(ctx, o)
			show.done()
			if err != nil {
				return err
			}
			if err := chooseLocal(""); err != nil {
				return err
			}
			switch {
			case result.Already && result.Kept:
				a.say("already down; the data is kept")
			case result.Already:
				a.say("already down")
			case result.Kept:
				a.say("stopped %s; the data is kept", list(result.Ended))
			case len(result.Ended) > 0:
				a.say("stopped %s; nothing is left", list(result.Ended))
			default:
				a.say("nothing ran; the files are removed")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&o.KeepData, "keep-data", false, "keep the members' data for the next \"up\"")
	return a.finish(c)
}
