package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

type applyOptions struct {
	pushFlags
	message string
	dryRun  bool
	yes     bool
	wait    bool
}

func (a *app) newConfigApply() *cobra.Command {
	o := applyOptions{wait: isTerminal(a.Out)}
	c := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Push a config by compare-and-swap",
		Long: `Push configs, all of them or none, and only over what has been seen: the
revision of --if-revision, else the one in the file, else the one whose diff was
shown. If somebody else was faster nothing is written, and the exit code is 6.

The file holds one plain config, whose hosts --host or --default names, or the
list that "config get -o yaml" prints. Fields that are not known are stored as
they are. Every push leaves an entry in the config log.

With --wait, the default on a terminal, it tells when each agent has applied it.`,
		Example: `  # {"interval": 1, "metrics": ["cpu", "memory"]} for one host
  %[1]s config apply --host node-1 -f fast.json
  # For every host that does not say otherwise, without a question
  echo 'interval: 5' | %[1]s config apply --default -f - --yes -m "less noise"
  # Only if nobody has changed it since revision 42
  %[1]s config apply --host node-1 -f fast.json --if-revision 42`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.apply(c, &o) },
	}
	o.add(c)
	f := c.Flags()
	f.StringVarP(&o.message, "message", "m", "", "why, for the config log")
	f.BoolVar(&o.dryRun, "dry-run", false, "show the diff and write nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&o.wait, "wait", o.wait, "wait until the agents have applied it (default on a terminal)")
	f.Lookup("wait").DefValue = "false"
	return a.finish(c)
}

func (a *app) apply(c *cobra.Command, o *applyOptions) error {
	wanted, err := o.wanted(a)
	if err != nil {
		return err
	}
	s, err := a.source()
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	store := a.store(s.Pool)
	reading, cancel := a.bounded(c.Context())
	defer cancel()
	plan, err := store.Plan(reading, wanted)
	if err != nil {
		return a.tellConflict(err)
	}
	if err := a.warnUnreported(reading, store, s, plan); err != nil {
		return err
	}
	if plan.Same() {
		a.say("already so: nothing to write")
		return nil
	}
	if o.dryRun {
		a.printDiff(a.Out, plan)
		a.say("dry run: nothing written")
		return nil
	}
	a.printDiff(a.Err, plan)
	if !o.yes {
		if err := a.confirm(c.Context(), "Push this?", o.file != "-", o.again()); err != nil {
			return err
		}
	}
	return a.push(c.Context(), store, s, plan, o)
}

// again is the command line that does it without asking.
func (o *applyOptions) again() string {
	var b strings.Builder
	b.WriteString("config apply")
	for _, h := range o.hosts.hosts {
		b.WriteString(" --host " + h)
	}
	if o.hosts.def {
		b.WriteString(" --default")
	}
	fmt.Fprintf(&b, " -f %s", o.file)
	if o.ifRevision != anyRevision {
		fmt.Fprintf(&b, " --if-revision %d", o.ifRevision)
	}
	if o.message != "" {
		fmt.Fprintf(&b, " -m %q", o.message)
	}
	b.WriteString(" --yes")
	return b.String()
}

func (a *app) push(ctx context.Context, store *configpush.Store, s *status.Source, plan *configpush.Plan, o *applyOptions) error {
	writing, cancel := a.bounded(ctx) // anew: the question may have taken long
	defer cancel()
	var tracker *configpush.Tracker
	if o.wait {
		client, err := etcd.New(s.Etcd)
		if err != nil {
			return err
		}
		defer client.Close()
		tracker = configpush.Track(writing, client, hostsOf(plan))
		defer tracker.Close()
		if err := tracker.Ready(writing); err != nil {
			return fmt.Errorf("read heartbeats: %w", err)
		}
	}
	begin := time.Now()
	result, err := store.Push(writing, plan, o.message)
	if err != nil {
		return a.tellConflict(err)
	}
	for _, host := range result.Hosts {
		fmt.Fprintf(a.Out, "config/%s written, revision %d\n", host, result.Revision)
	}
	if tracker == nil {
		return nil
	}
	return a.await(writing, tracker, result, begin)
}

// await tells what becomes of a push at each host.
func (a *app) await(ctx context.Context, tracker *configpush.Tracker, result *configpush.Result, begin time.Time) error {
	rejected := 0
	pending, err := tracker.Wait(ctx, result, begin, func(d configpush.Delivery) {
		switch d.State {
		case configpush.Applied:
			fmt.Fprintf(a.Out, "node/%s applied after %d ms\n", d.Host, d.After.Milliseconds())
			if d.Reason != "" {
				a.warn("node %s: %s", d.Host, d.Reason)
			}
		case configpush.Rejected:
			rejected++
			a.warn("node %s has rejected it: %s", d.Host, d.Reason)
		default:
			a.say("node %s: %s", d.Host, d.Reason)
		}
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &exitError{
			code: exitTimeout,
			err:  fmt.Errorf("wait for agents: written, but %s did not apply it within %v", list(pending), a.global.timeout),
			hint: "nodes " + strings.Join(pending, " "),
		}
	case err != nil:
		return err
	case rejected > 0:
		return &exitError{code: exitFailure, err: fmt.Errorf("%d agents rejected the config", rejected)}
	}
	return nil
}

func hostsOf(plan *configpush.Plan) []string {
	hosts := make([]string, len(plan.Changes))
	for i, c := range plan.Changes {
		hosts[i] = c.Host
	}
	return hosts
}

// tellConflict shows, beside a conflict, what the push would change now.
func (a *app) tellConflict(err error) error {
	if conflict, ok := errors.AsType[*configpush.ConflictError](err); ok {
		a.printDiff(a.Err, conflict.Now)
	}
	return err
}

// warnUnreported names hosts that nobody knows: a typing mistake, or an agent
// that is to come.
func (a *app) warnUnreported(ctx context.Context, store *configpush.Store, s *status.Source, plan *configpush.Plan) error {
	known := map[string]bool{model.DefaultHost: true}
	for _, host := range s.Hosts {
		known[host] = true
	}
	var asked []string
	for _, c := range plan.Changes {
		if !known[c.Host] && !c.Delete {
			asked = append(asked, c.Host)
		}
	}
	unreported, err := store.Unreported(ctx, asked)
	if err != nil {
		return err
	}
	for _, host := range unreported {
		a.warn("no agent reports host %q: the config waits for one", host)
	}
	return nil
}
