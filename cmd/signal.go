package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/signaler"
)

// newSignal is the hidden command that leader-kill runs in the pod of a leader.
func (a *app) newSignal() *cobra.Command {
	o := signaler.NewOptions()
	c := &cobra.Command{
		Use:    signaler.Command,
		Short:  "Send signals to a process of this pod, as a client asks",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(c *cobra.Command, _ []string) error { return signaler.Serve(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.To, "to", o.To, "name of the process's executable")
	f.StringVar(&o.Listen, "listen", o.Listen, "HOST:PORT to listen on")
	return c
}
