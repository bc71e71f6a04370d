//go:build !node

package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

func (a *app) newLocalKill() *cobra.Command {
	signal := string(local.KILL)
	c := &cobra.Command{
		Use:   "kill NAME",
		Short: "Send one process a signal: a crash, a pause, a clean stop",
		Long: `Send a signal to one process of the local cluster. KILL is a crash, TERM a clean
stop, STOP a hang and CONT its end. Nothing starts a process again but "local
start" and "local up".`,
		Example: `  # A crash
  %[1]s local kill agent-2
  # A clean stop
  %[1]s local kill aggregator-1 --signal TERM
  # A hang, and its end
  %[1]s local kill etcd-1 --signal STOP
  %[1]s local kill etcd-1 --signal CONT`,
		Args:              oneArg("process"),
		ValidArgsFunction: a.processNames,
		RunE: func(c *cobra.Command, args []string) error {
			sig, err := local.ParseSignal(signal)
			if err != nil {
				return err
			}
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			result, err := cluster.Kill(ctx, args[0], sig)
			if err != nil {
				return err
			}
			state := strings.ToLower(string(result.Process.State))
			if result.AlreadyDead {
				a.say("%s is already %s: nothing sent", args[0], state)
				return nil
			}
			a.say("sent %s to %s: it is %s", sig, args[0], state)
			return nil
		},
	}
	names := make([]string, 0, len(local.Signals()))
	for _, s := range local.Signals() {
		names = append(names, string(s))
	}
	c.Flags().StringVar(&signal, "signal", signal, "signal: "+strings.Join(names, ", "))
	_ = c.RegisterFlagCompletionFunc("signal", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return a.finish(c)
}
