//go:build !node

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

const (
	leaderKillName = "leader-kill"
	bothTargets    = "both"
	maxDrillRuns   = 10_000
)

// leaderKillOptions are those of the commands under leader-kill.
type leaderKillOptions struct {
	out    outputFlags
	name   string // of the command
	target string
	method string
	runs   int
	image  string // of what sends the signal in Kubernetes
	yes    bool
	dryRun bool
	talk   bool // explains what it does
}

func (a *app) addLeaderKill(root *cobra.Command) {
	c := group(leaderKillName, "End a leader on purpose, and prove that nothing is lost")
	c.Long = `End a leader on purpose, measure how long it takes until another one leads, and
prove that nothing is lost: no acknowledged write, no event of a watch, no event
of a node; and that no node that lives is shown Dead.

It needs a cluster whose processes it may kill, the local one or one in
Kubernetes. What it has ended runs again, also when it is interrupted or killed:
in Kubernetes the kubelet starts it, and what is paused goes on by itself; in the
local cluster the next leader-kill or "local up" does so where it could not.

In Kubernetes the signal comes from an ephemeral container of ours in the
leader's pod. Where you may not add one, the pod is deleted: its leader is asked
to end, and hands over first, so that the run is called graceful.`
	c.AddCommand(a.newLeaderKillDemo(), a.newLeaderKillOf(model.DrillEtcd), a.newLeaderKillOf(model.DrillAggregator))
	a.add(root, groupProve, c)
}

func (a *app) newLeaderKillDemo() *cobra.Command {
	o := leaderKillOptions{name: "demo", target: bothTargets, talk: true}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show step by step what the loss of a leader does",
		Long: `Kill the raft leader of the etcd members, then that of the aggregators, and
explain each step: who leads, what happens as it happens, who leads then; how the
member that was killed catches up; and what the comparison of all histories says.

Where no aggregators run, their part is left out.`,
		Example: `  # The whole of it
  %[1]s leader-kill demo
  # A hang instead of a crash, for etcd alone
  %[1]s leader-kill demo --target etcd --method stop`,
	}
	targets := []string{string(model.DrillEtcd), string(model.DrillAggregator), bothTargets}
	c.Flags().StringVar(&o.target, "target", o.target, "whose leader: "+strings.Join(targets, ", "))
	_ = c.RegisterFlagCompletionFunc("target", cobra.FixedCompletions(targets, cobra.ShellCompDirectiveNoFileComp))
	return a.finishLeaderKill(c, &o)
}

// targetWords say whose leader it is.
var targetWords = map[model.DrillTarget]string{
	model.DrillEtcd: "the raft leader of the etcd members", model.DrillAggregator: "the aggregators' leader",
}

// newLeaderKillOf makes the command for one target.
func (a *app) newLeaderKillOf(target model.DrillTarget) *cobra.Command {
	o := leaderKillOptions{name: string(target), target: string(target)}
	whose := targetWords[target]
	return a.finishLeaderKill(&cobra.Command{
		Use:   o.name,
		Short: "End " + whose + ", without the talk",
		Example: fmt.Sprintf(`  # Once, as in a crash
  %%[1]s leader-kill %[1]s
  # Twenty times, with percentiles
  %%[1]s leader-kill %[1]s --runs 20
  # A clean stop, every figure as JSON
  %%[1]s leader-kill %[1]s --method term -o json`, target),
	}, &o)
}

func (a *app) finishLeaderKill(c *cobra.Command, o *leaderKillOptions) *cobra.Command {
	if c.Long != "" {
		c.Long += "\n\n"
	}
	c.Long += fmt.Sprintf(`--method kill is a crash (SIGKILL), term a clean stop that hands over (SIGTERM),
stop a hang (SIGSTOP), after which the old leader goes on and must not do harm.
--timeout is for each thing that is waited for; in Kubernetes the return of what
was ended may take 5 minutes more, since a kubelet restarts what ends often after
ever longer back-offs.

Exit codes: 0 all promises were kept, 1 one was not, %d there is no quorum, or no
standby, to spare.`, exitRefused)
	c.Args = noArgs
	c.RunE = func(c *cobra.Command, _ []string) error { return a.leaderKill(c.Context(), o) }
	o.method, o.runs = string(model.DrillKill), 1
	f := c.Flags()
	f.StringVar(&o.method, "method", o.method, "how to end it: "+strings.Join(drillMethods(), ", "))
	f.IntVar(&o.runs, "runs", o.runs, "how often")
	f.StringVar(&o.image, "image", "", "image that sends the signal in Kubernetes (default that of the agents)")
	f.BoolVar(&o.dryRun, "dry-run", false, "say whose end it would be, and whether it can be borne")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask (the local cluster never asks)")
	_ = c.RegisterFlagCompletionFunc("method", cobra.FixedCompletions(drillMethods(), cobra.ShellCompDirectiveNoFileComp))
	o.out.add(c, false)
	return a.finish(c)
}

func drillMethods() []string {
	var names []string
	for _, m := range model.DrillMethods() {
		names = append(names, string(m))
	}
	return names
}

func (o *leaderKillOptions) plan() (drill.Plan, error) {
	p := drill.Plan{Method: model.DrillMethod(o.method), Runs: o.runs}
	var problems []error
	switch o.target {
	case bothTargets:
		p.Targets = []model.DrillTarget{model.DrillEtcd, model.DrillAggregator}
	case string(model.DrillEtcd), string(model.DrillAggregator):
		p.Targets = []model.DrillTarget{model.DrillTarget(o.target)}
	default:
		problems = append(problems, usageError("--target must be etcd, aggregator or both, not %q", o.target))
	}
	if !slices.Contains(model.DrillMethods(), p.Method) {
		problems = append(problems, usageError("--method must be %s, not %q", strings.Join(drillMethods(), ", "), o.method))
	}
	if o.runs < 1 || o.runs > maxDrillRuns {
		problems = append(problems, usageError("--runs must be 1 to %d, not %d", maxDrillRuns, o.runs))
	}
	return p, errors.Join(problems...)
}

func (a *app) leaderKill(ctx context.Context, o *leaderKillOptions) error {
	plan, err := o.plan()
	if err := firstOf(err, o.out.validate()); err != nil {
		return err
	}
	s, err := a.stage(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	n := a.narrator(o)
	n.recovery = s.recovery
	cfg := s.Config
	cfg.Timeout, cfg.Tell = a.global.timeout, n.tell
	if o.dryRun {
		return a.drilled(drill.Rehearse(ctx, cfg, plan))
	}
	if s.asks && !o.yes {
		if err := a.drilled(a.agreeToDrill(ctx, cfg, plan)); err != nil {
			return err
		}
	}
	n.open(s.Source.Name)
	ctx, stop := a.whileHeard(ctx)
	defer stop()
	found, err := drill.Run(ctx, cfg, plan)
	n.clear()
	if err := a.drilled(err); err != nil {
		return cutShort(ctx, err)
	}
	n.close()
	if err := a.show(&o.out, found, nil); err != nil {
		return err
	}
	return broken(found)
}

// drilled gives an error of a drill its exit code.
func (a *app) drilled(err error) error {
	if refused, ok := errors.AsType[*drill.RefusedError](err); ok {
		return &exitError{code: exitRefused, err: fmt.Errorf("refused: %w", refused)}
	}
	if cannot, ok := errors.AsType[*kube.CannotEndError](err); ok {
		return &exitError{code: exitRefused, err: fmt.Errorf("refused: %w", cannot)}
	}
	return err
}

// broken is the error of a drill in which a promise was not kept.
func broken(d *model.Drill) error {
	var what []string
	for _, p := range d.Broken() {
		what = append(what, fmt.Sprintf("%s: %d %s", p.Of, p.Broken, p.Fault))
	}
	if len(what) == 0 {
		return nil
	}
	return &exitError{code: exitFailure, err: errors.New("a promise was not kept: " + printer.Sanitize(strings.Join(what, "; ")))}
}
