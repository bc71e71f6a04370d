//go:build !node

package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

func (a *app) addLocal(root *cobra.Command) {
	c := group("local", "A whole cluster on this machine")
	c.Long = `A whole cluster on this machine: real etcd members, agents and aggregators, each
a process of its own. They listen on loopback only, and live on when the command
ends.`
	c.AddCommand(a.newLocalUp(), a.newLocalDown(), a.newLocalStatus(), a.newLocalLogs(), a.newLocalKill(), a.newLocalStart())
	a.add(root, groupStart, c)
	root.AddCommand(a.newEtcd())
}

// cluster opens the user's local cluster.
func (a *app) cluster() (*local.Cluster, error) {
	dir, err := local.DefaultDir()
	if err != nil {
		return nil, err
	}
	return local.Open(dir), nil
}

// chooseLocal makes the local cluster the current target, or none.
func chooseLocal(dir string) error {
	stateDir, err := target.DefaultStateDir()
	if err != nil {
		return err
	}
	return target.SetCurrent(stateDir, target.Choice{Local: dir})
}

// progress shows the steps of long work on a terminal, in one line.
type progress struct {
	*app
	shown bool
}

func (p *progress) step(s local.Step) {
	if !isTerminal(p.Err) {
		return
	}
	text := s.Doing
	if s.Total > 0 {
		text = fmt.Sprintf("%s (%d of %d)", text, s.Done, s.Total)
	}
	if w := width(p.Err); w > 1 && len(text) >= w {
		text = text[:w-1]
	}
	fmt.Fprintf(p.Err, "\r\x1b[K%s", text)
	p.shown = true
}

// done clears the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.Err, "\r\x1b[K")
		p.shown = false
	}
}

// processNames completes the names of the local cluster's processes.
func (a *app) processNames(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cluster, err := a.cluster()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	processes, err := cluster.Processes(context.WithoutCancel(c.Context()))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, len(processes))
	for i, p := range processes {
		names[i] = p.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
