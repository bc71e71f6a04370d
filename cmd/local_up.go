//go:build !node

package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func (a *app) newLocalUp() *cobra.Command {
	o := local.UpOptions{Members: local.MembersAsRecorded, Agents: local.AgentsAsRecorded}
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster, or what is missing of it",
		Long: fmt.Sprintf(`Start etcd members and agents as processes on this machine, wait until they have
a quorum and every agent has reported, and show the result. A second "up" starts
only what is missing, also after a crash or a reboot.

A new cluster has %d members and %d agents unless told otherwise. The number of
members stays for the cluster's life; fewer agents than before stops the last.`,
			local.DefaultMembers, local.DefaultAgents),
		Example: `  # Three members, three agents
  %[1]s local up
  # One member, ten agents
  %[1]s local up --members 1 --agents 10`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.Validate(); err != nil {
				return err
			}
			cluster, err := a.cluster()
			if err != nil {
				return err
			}
			ctx, cancel := a.bounded(c.Context())
			defer cancel()
			begin := a.now()
			show := progress{app: a}
			o.Progress = show.step
			result, err := cluster.Up(ctx, o)
			show.done()
			for _, r := range result.Recovered {
				a.say("%s", r)
			}
			// Also when it was interrupted: what runs by then is to be looked at.
			if err := errors.Join(err, chooseExisting(cluster)); err != nil {
				return err
			}
			a.sayUp(&result, a.now().Sub(begin))
			return a.welcome(c.Context())
		},
	}
	f := c.Flags()
	f.IntVar(&o.Members, "members", o.Members, "etcd members: 1, 3 or 5 (default: as before, 3 for a new cluster)")
	f.IntVar(&o.Agents, "agents", o.Agents, "agents (default: as before, 3 for a new cluster)")
	f.Lookup("members").DefValue, f.Lookup("agents").DefValue = "0", "0" // said in words above
	return a.finish(c)
}

func chooseExisting(cluster *local.Cluster) error {
	d, err := cluster.Describe()
	if err != nil || !d.Exists {
		return err
	}
	return chooseLocal(d.Dir)
}

func (a *app) sayUp(r *local.UpResult, took time.Duration) {
	if len(r.Started)+len(r.Resumed)+len(r.Stopped) == 0 {
		a.say("already up: %d processes run", len(r.Running))
		return
	}
	for _, part := range []struct {
		verb  string
		names []string
	}{{"started", r.Started}, {"resumed", r.Resumed}, {"stopped", r.Stopped}} {
		if len(part.names) > 0 {
			a.say("%s %s", part.verb, list(part.names))
		}
	}
	a.say("up after %.1f s", took.Seconds())
}

// welcome shows what is there now, and what to do with it.
func (a *app) welcome(ctx context.Context) error {
	a.global.local = true
	s, err := a.source()
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	st := status.Gather(ctx, s)
	if err := a.show(&outputFlags{format: string(printer.Table)}, st, nil); err != nil {
		return err
	}
	if len(st.Nodes) > 0 {
		a.say(`
Try next:
  %[1]s nodes -o wide
  echo '{"interval": 1, "metrics": ["cpu", "memory"]}' > fast.json
  %[1]s config apply --host node-1 -f fast.json --yes
  %[1]s local kill agent-%[2]d     # seconds later, status shows node-%[2]d Dead
  %[1]s local start agent-%[2]d
  %[1]s local down`, a.program, min(2, len(st.Nodes)))
	}
	return (&failOn{at: "unhealthy"}).judge(st.Verdict)
}
