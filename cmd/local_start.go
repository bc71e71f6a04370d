//go:build !node

package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (a *app) newLocalStart() *cobra.Command {
	return a.finish(&cobra.Command{
		Use:               "start NAME",
		Short:             "Start one process again",
		Example:           `  %[1]s local start agent-2`,
		Args:              oneArg("process"),
		ValidArgsFunction: a.processNames,
		RunE: func(c *cobra.Command, args []string) error {
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			result, err := cluster.Start(ctx, args[0])
			switch {
			case err != nil:
				return err
			case result.AlreadyRunning && result.Process.State == model.ProcessPaused:
				a.say("%s is paused; hint: %s local kill %s --signal CONT", args[0], a.program, args[0])
			case result.AlreadyRunning:
				a.say("%s is already %s", args[0], strings.ToLower(string(result.Process.State)))
			default:
				a.say("started %s, pid %d", args[0], result.Process.PID)
			}
			return nil
		},
	})
}
