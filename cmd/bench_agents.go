//go:build !node

package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/bench"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

type benchAgentsOptions struct {
	plan bench.AgentsPlan
	benchFlags
}

func (a *app) newBenchAgents() *cobra.Command {
	o := benchAgentsOptions{plan: bench.AgentsPlan{Count: 1000, Interval: time.Second, TTL: model.BuiltIn().TTL, Duration: 30 * time.Second, Seed: 1}}
	c := &cobra.Command{
		Use:   "agents",
		Short: "Run many simulated agents, and see what comes in time",
		Long: `Run many agents in this process: real ones, each with its lease, configuration
and watch, on invented samples, for hosts named bench-RUN-00001 and so on. An
observer with the view of "status" looks on, and beside it a bare etcd watch of
the same keys, as the yardstick.

Late is a heartbeat acknowledged more than one and a half intervals after the
agent's one before; dropped, a sample whose place a newer one took. "put to view"
is from the sending of a heartbeat until it is in the view. CPU and memory of the
members are told for the local cluster.

The aggregators take the hosts for real ones: their coming and going are events,
of which the newest 10,000 stay. In the end the hosts are dropped from the roster.

So that its agents do not all stand still while garbage is collected, that is done
seldom: the process may take a third of the memory that is free. GOGC or
GOMEMLIMIT in the environment change it.

Exit code: 1 if a node was shown Dead while its agent ran.`,
		Example: `  # 5,000 nodes that report every second, for a minute
  %[1]s bench agents --count 5000 --interval 1s --duration 1m
  # What would that do?
  %[1]s bench agents --count 5000 --interval 1s --duration 1m --dry-run`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.benchAgents(c.Context(), &o) },
	}
	f := c.Flags()
	f.IntVar(&o.plan.Count, "count", o.plan.Count, "agents")
	f.DurationVar(&o.plan.Interval, "interval", o.plan.Interval, "time between the heartbeats of one agent")
	f.DurationVar(&o.plan.TTL, "ttl", o.plan.TTL, "TTL of each agent's lease")
	f.DurationVar(&o.plan.Duration, "duration", o.plan.Duration, "how long to measure, after the ramp-up")
	f.IntVar(&o.plan.Conns, "conns", 0, "clients that the agents share, each connected to every member (default: at most 20)")
	f.Uint64Var(&o.plan.Seed, "seed", o.plan.Seed, "of the invented samples")
	o.add(c)
	return a.finish(c)
}

func (a *app) benchAgents(ctx context.Context, o *benchAgentsOptions) error {
	if err := firstOf(benchError(o.plan.Check()), o.out.validate()); err != nil {
		return err
	}
	o.plan.Complete()
	b, err := a.bencher(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	looking, cancel := a.bounded(ctx)
	defer cancel()
	if err := bench.Ready(looking, b.Config, o.plan); err != nil {
		return benchError(err)
	}
	what := fmt.Sprintf("%d agents over %d connections: %.0f heartbeats/s for %v, after a ramp-up of %v",
		o.plan.Count, o.plan.Conns, o.plan.Rate(), o.plan.Duration, o.plan.RampUp().Round(time.Second))
	if ok, err := a.cleared(ctx, b, &o.benchFlags, what); !ok {
		return err
	}
	ctx, stop := a.whileHeard(ctx)
	defer stop()
	ticker := &benchTicker{app: a}
	b.Tell = ticker.tell
	found, err := bench.Agents(ctx, b.Config, o.plan)
	ticker.clear()
	if found == nil {
		return cutShort(ctx, benchError(err))
	}
	a.sayLeft(&found.Left)
	if err := firstOf(a.show(&o.out, found, nil), err); err != nil {
		return cutShort(ctx, err)
	}
	return falselyDead(found)
}

// sayLeft says what was removed, and what could not be.
func (a *app) sayLeft(left *model.BenchLeft) {
	if left.Forgotten > 0 {
		a.say("dropped %d simulated hosts from the roster", left.Forgotten)
	}
	for _, e := range left.Errors {
		a.warn("left behind: %s", e)
	}
}

// falselyDead is the error of a load under which the promise to nodes was broken.
func falselyDead(r *model.BenchAgents) error {
	if r.Nodes.FalselyDead == 0 {
		return nil
	}
	return &exitError{code: exitFailure, err: errors.New(printer.Sanitize(fmt.Sprintf(
		"a promise was not kept: %d nodes shown Dead while their agents ran: %s", r.Nodes.FalselyDead, strings.Join(r.Nodes.Details, "; "))))}
}
