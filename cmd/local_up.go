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
	o := local.UpOptions{Members: local.MembersAsRecorded, Agents: local.AgentsAsRecorded, Aggregators: local.AggregatorsAsRecorded}
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster, or what is missing of it",
		Long: fmt.Sprintf(`Start etcd members, agents and aggregators as processes on this machine, wait
until there is a quorum, every agent has reported and an aggregator leads, and
show the result. A second "up" starts only what is missing, also after a crash or
a reboot.

A new cluster has %d members, %d agents and %d aggregators unless told otherwise.
The number of members and raft's timing stay for the cluster's life; fewer agents
or aggregators than before stops the last, another TTL restarts the aggregators.`,
			local.DefaultMembers, local.DefaultAgents, local.DefaultAggregators),
		Example: `  # Three members, three agents, two aggregators
  %[1]s local up
  # One member, ten agents
  %[1]s local up --members 1 --agents 10
  # Members that miss a dead leader four times as soon
  %[1]s local up --heartbeat-interval 50ms --election-timeout 250ms`,
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
	f.IntVar(&o.Aggregators, "aggregators", o.Aggregators, "aggregators (default: as before, 2 for a new cluster)")
	f.DurationVar(&o.HeartbeatInterval, "heartbeat-interval", o.HeartbeatInterval, "raft's heartbeat interval (default: as before, 100ms for a new cluster)")
	f.DurationVar(&o.ElectionTimeout, "election-timeout", o.ElectionTimeout, "raft's election timeout, 5 heartbeat intervals or more (default: as before, 1s for a new cluster)")
	f.DurationVar(&o.LeaderTTL, "leader-ttl", o.LeaderTTL, "how long aggregators wait for a leader that is cut off (default: as before, 5s for a new cluster)")
	for _, name := range []string{"members", "agents", "aggregators"} {
		f.Lookup(name).DefValue = "0" // said in words above
	}
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

// aimAtLocal makes the local cluster the target, whatever else is named.
func (g *globalFlags) aimAtLocal() {
	g.local = true
	g.endpoints, g.cacert, g.cert, g.key = nil, "", "", ""
}

// welcome shows what is there now, and what to do with it.
func (a *app) welcome(ctx context.Context) error {
	a.global.aimAtLocal()
	s, err := a.source(ctx)
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
  %[1]s local start agent-%[2]d`, a.program, min(2, len(st.Nodes)))
		if st.Quorum.MayLose > 0 {
			a.say("  %s leader-kill demo", a.program)
		}
		a.say("  %s local down", a.program)
	}
	return (&failOn{at: "unhealthy"}).judge(st.Verdict)
}
