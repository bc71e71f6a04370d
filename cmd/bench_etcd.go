//go:build !node

package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/bench"
)

type benchEtcdOptions struct {
	plan bench.EtcdPlan
	benchFlags
}

func (a *app) newBenchEtcd() *cobra.Command {
	o := benchEtcdOptions{plan: bench.EtcdPlan{Duration: 10 * time.Second, Clients: 100, ValueSize: 256}}
	c := &cobra.Command{
		Use:   "etcd",
		Short: "Measure etcd alone, as the yardstick",
		Long: fmt.Sprintf(`Measure etcd alone, one figure after the other, each for --duration:

  put               put keys without a lease
  put-leased        put keys on leases, as heartbeats are
  range             read one key, linearizably
  watch-latency     from a leased put's sending until a watch has it
  lease-keepalive   renew leases, by one call each

put, range, watch-latency and lease-keepalive are what the commands of that name
of etcd's own benchmark measure; --clients, --conns and --rate mean the same
there, --value-size is its --val-size. Its watch-latency puts %d times a second,
as this one without --rate, but counts from the answer to the put, so that it
shows less.
It counts calls (--total) where this one counts seconds, and its clients share
keys.`, bench.WatchRate),
		Example: `  # As many calls as go, from 100 clients
  %[1]s bench etcd
  # The yardstick of 5,000 agents that report every second
  %[1]s bench etcd --clients 1000 --rate 5000 --value-size 450`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.benchEtcd(c.Context(), &o) },
	}
	f := c.Flags()
	f.DurationVar(&o.plan.Duration, "duration", o.plan.Duration, "how long to measure each figure")
	f.IntVar(&o.plan.Clients, "clients", o.plan.Clients, "callers, each with one call in flight")
	f.IntVar(&o.plan.Conns, "conns", 0, "connections to each member that the clients share (default: one per client, at most 20)")
	f.IntVar(&o.plan.ValueSize, "value-size", o.plan.ValueSize, "bytes of a value")
	f.Float64Var(&o.plan.Rate, "rate", 0, "calls per second of all clients together; 0 is as many as go")
	o.add(c)
	return a.finish(c)
}

func (a *app) benchEtcd(ctx context.Context, o *benchEtcdOptions) error {
	if err := firstOf(benchError(o.plan.Check()), o.out.validate()); err != nil {
		return err
	}
	o.plan.Complete()
	b, err := a.bencher(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	what := fmt.Sprintf("%d clients over %d connections, %v each for %s",
		o.plan.Clients, o.plan.Conns, o.plan.Duration, strings.Join(bench.Figures(), ", "))
	if ok, err := a.cleared(ctx, b, &o.benchFlags, what); !ok {
		return err
	}
	ctx, stop := a.whileHeard(ctx)
	defer stop()
	ticker := &benchTicker{app: a}
	b.Tell = ticker.tell
	found, err := bench.Etcd(ctx, b.Config, o.plan)
	ticker.clear()
	if found == nil {
		return cutShort(ctx, benchError(err))
	}
	return cutShort(ctx, firstOf(a.show(&o.out, found, nil), err))
}
