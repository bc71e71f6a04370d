package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// pushFlags say how a push is made.
type pushFlags struct {
	message string
	dryRun  bool
	yes     bool
	wait    bool
}

func (p *pushFlags) add(c *cobra.Command, a *app) {
	p.wait = isTerminal(a.Out)
	f := c.Flags()
	f.StringVarP(&p.message, "message", "m", "", "why, for the config log")
	f.BoolVar(&p.dryRun, "dry-run", false, "show the diff and write nothing")
	f.BoolVarP(&p.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&p.wait, "wait", p.wait, "wait until the agents have applied it (default on a terminal)")
	f.Lookup("wait").DefValue = "false"
}

// pusher makes the pushes of one command.
type pusher struct {
	*app
	*pushFlags
	source *status.Source
	store  *configpush.Store
	// question is asked before anything is written; answerable tells whether
	// standard input is free for the answer, and again is the command line that
	// does it without asking.
	question   string
	answerable bool
	again      string
}

// pusher opens the target. Its source's pool is to be closed.
func (a *app) pusher(ctx context.Context, flags *pushFlags, question string) (*pusher, error) {
	s, err := a.source(ctx)
	if err != nil {
		return nil, err
	}
	return &pusher{
		app: a, pushFlags: flags, source: s, store: a.store(s.Pool),
		question: question, answerable: true, again: a.typed() + " --yes",
	}, nil
}

// offer plans what is wanted, shows it, asks, and does it.
func (p *pusher) offer(ctx context.Context, wanted []configpush.Wanted) error {
	reading, cancel := p.bounded(ctx)
	defer cancel()
	plan, err := p.store.Plan(reading, wanted)
	if err != nil {
		return p.explain(err)
	}
	if err := p.warnUnreported(reading, plan); err != nil {
		return err
	}
	if plan.Same() {
		p.say("already so: nothing to write")
		return nil
	}
	if p.dryRun {
		p.printDiff(p.Out, plan)
		p.say("dry run: nothing written")
		return nil
	}
	p.printDiff(p.Err, plan)
	if !p.yes {
		if err := p.confirm(ctx, p.question, p.answerable, p.again); err != nil {
			return err
		}
	}
	return p.push(ctx, plan)
}

func (p *pusher) push(ctx context.Context, plan *configpush.Plan) error {
	writing, cancel := p.bounded(ctx) // anew: the question may have taken long
	defer cancel()
	var tracker *configpush.Tracker
	if p.wait {
		client, err := etcd.New(p.source.Etcd)
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
	result, err := p.store.Push(writing, plan, p.message)
	if err != nil {
		return p.explain(err)
	}
	p.tell(plan, result)
	if tracker == nil {
		return nil
	}
	return p.await(writing, tracker, result, begin)
}

// tell says what was written.
func (p *pusher) tell(plan *configpush.Plan, result *configpush.Result) {
	done := make(map[string]string)
	for i := range plan.Changes {
		done[plan.Changes[i].Host] = "written"
		if plan.Changes[i].Delete {
			done[plan.Changes[i].Host] = "deleted"
		}
	}
	for _, host := range result.Hosts {
		fmt.Fprintf(p.Out, "config/%s %s, revision %d\n", host, done[host], result.Revision)
	}
}

func hostsOf(plan *configpush.Plan) []string {
	hosts := make([]string, len(plan.Changes))
	for i, c := range plan.Changes {
		hosts[i] = c.Host
	}
	return hosts
}

// explain shows, beside a conflict, what the push would change now, and what to
// do where there are too many hosts for one.
func (a *app) explain(err error) error {
	if conflict, ok := errors.AsType[*configpush.ConflictError](err); ok {
		a.printDiff(a.Err, conflict.Now)
	}
	if tooMany, ok := errors.AsType[*configpush.TooManyError](err); ok && !tooMany.ByServer {
		return &exitError{code: exitUsage, err: err, hint: "config apply --default -f FILE"}
	}
	return err
}

// warnUnreported names hosts that nobody knows: a typing mistake, or an agent
// that is to come.
func (p *pusher) warnUnreported(ctx context.Context, plan *configpush.Plan) error {
	known := map[string]bool{model.DefaultHost: true}
	for _, host := range p.source.Hosts {
		known[host] = true
	}
	var asked []string
	for _, c := range plan.Changes {
		if !known[c.Host] && !c.Delete {
			asked = append(asked, c.Host)
		}
	}
	unreported, err := p.store.Unreported(ctx, asked)
	if err != nil {
		return err
	}
	for _, host := range unreported {
		p.warn("no agent reports host %q: the config waits for one", host)
	}
	return nil
}
