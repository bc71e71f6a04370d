//go:build !node

package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/bench"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const benchName = "bench"

func (a *app) addBench(root *cobra.Command) {
	c := group(benchName, "Load the cluster, and tell what it carries")
	c.Long = `Load the cluster, and tell what it carries: with many simulated agents, or etcd
alone, as the yardstick.

What a run writes it removes in the end, also when it is interrupted; what one
that was killed leaves ends with its leases, or is removed by the next.`
	c.AddCommand(a.newBenchAgents(), a.newBenchEtcd())
	a.add(root, groupProve, c)
}

// bencher is the target of a load.
type bencher struct {
	bench.Config
	local bool // the local cluster, which never asks
}

func (b *bencher) close() { b.Source.Pool.Close() }

// bencher opens the target for a load.
func (a *app) bencher(ctx context.Context) (*bencher, error) {
	t, err := a.target(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.source(ctx)
	if err != nil {
		return nil, err
	}
	b := &bencher{Config: bench.Config{Source: s}, local: t.Local != ""}
	if b.local {
		processes, err := local.Open(t.Local).Processes(ctx)
		if err != nil {
			s.Pool.Close()
			return nil, err
		}
		b.Processes = make(map[string]int)
		for _, p := range processes {
			if p.Role == model.ProcessMember {
				b.Processes[p.Name] = p.PID
			}
		}
	}
	return b, nil
}

// benchError gives an error of a load its exit code.
func benchError(err error) error {
	if _, ok := errors.AsType[*bench.InvalidError](err); ok {
		return &exitError{code: exitUsage, err: err}
	}
	return err
}

// benchFlags are those of every load.
type benchFlags struct {
	yes, dryRun bool
	out         outputFlags
}

func (o *benchFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "say what it would do, and do nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask (the local cluster never asks)")
	o.out.add(c, false)
}

// cleared reports whether a load is to be made: not in a dry run, and on a cluster
// that is not the local one only if the user agrees.
func (a *app) cleared(ctx context.Context, b *bencher, o *benchFlags, what string) (bool, error) {
	if o.dryRun {
		a.say("would load %s with %s", b.Source.Name, what)
		a.say("dry run: nothing written")
		return false, nil
	}
	if b.local || o.yes {
		return true, nil
	}
	err := a.confirm(ctx, fmt.Sprintf("Load %s with %s?", b.Source.Name, what), true, a.typed()+" --yes")
	return err == nil, err
}
