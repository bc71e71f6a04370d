package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

type rolloutOptions struct {
	out   outputFlags
	hosts hostFlags
	wait  bool
	live  bool
}

func (a *app) newRollout() *cobra.Command {
	var o rolloutOptions
	c := &cobra.Command{
		Use:   "rollout [status]",
		Short: "How far the stored configuration came at each host",
		Long: `How far the stored configuration came at each host: the revision that is
wanted there, the one that the agent has applied, and the time since the wanted
one was pushed.

States: Synced, Pending, Rejected (the agent says why), Opaque (an agent that is
not ours, and does not tell), Stale (an agent that is not heard of), Dead, Left,
Invalid and Unknown.

With --wait it waits until every agent that there is has applied its config or
rejected it. Exit codes then: 1 if one has rejected it, 8 if the time is over.`,
		Example: `  %[1]s rollout
  # Of two hosts, as soon as it is done there
  %[1]s rollout status --host node-1,node-2 --wait
  # Who is behind?
  %[1]s rollout --no-headers --sort-by=state`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "status" {
				return nil
			}
			return noArgs(c, args)
		},
		ValidArgs: []string{"status"},
		RunE:      func(c *cobra.Command, _ []string) error { return a.rollout(c.Context(), &o) },
	}
	o.out.add(c, true)
	c.Flags().StringSliceVar(&o.hosts.hosts, "host", nil, "only these hosts (may be given several times)")
	addWatch(c, &o.live)
	c.Flags().BoolVar(&o.wait, "wait", false, "wait until the agents have applied it")
	c.MarkFlagsMutuallyExclusive("wait", "watch")
	return a.finish(c)
}

func (a *app) rollout(ctx context.Context, o *rolloutOptions) error {
	names, err := o.hosts.names(nil)
	if err = firstOf(err, o.out.validate()); err != nil {
		return err
	}
	s, err := a.source(ctx)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	if o.live {
		return a.watch(ctx, &o.out, s, a.watchedRollout(ctx, s, names))
	}
	looking, cancel := a.bounded(ctx)
	defer cancel()
	var timeout error
	if o.wait {
		timeout = a.awaitRollout(looking, s, names)
		if timeout != nil && !errors.Is(timeout, context.DeadlineExceeded) {
			return timeout
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		looking, cancel = a.bounded(ctx) // anew, to show how it came out
		defer cancel()
	}
	r, missing, err := a.lookAtRollout(looking, s, names)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if shown := a.show(&o.out, r, r.Errors); shown != nil {
		return shown
	}
	switch {
	case err != nil:
		return (&failOn{at: "unhealthy"}).judge(status.VerdictUnread(err))
	case len(missing) > 0:
		return fmt.Errorf("find hosts: %w: %s", errNotFound, list(missing))
	case len(r.Items) == 0:
		a.say("no hosts: no agent reports, and nothing names one")
	}
	if o.wait {
		return a.judgeRollout(r, timeout != nil)
	}
	return nil
}

// lookAtRollout looks once. With an error the hosts are Unknown.
func (a *app) lookAtRollout(ctx context.Context, s *status.Source, names []string) (r *model.Rollout, missing []string, err error) {
	r = &model.Rollout{TypeMeta: model.NewTypeMeta(model.KindRollout, s.Name, a.now())}
	nodes, missing, err := status.Nodes(ctx, s, names)
	r.Errors = nodes.Errors
	var pushed map[string]configpush.Pushed
	if err == nil {
		var unread error
		if pushed, unread = a.store(s.Pool).Pushed(ctx, nodeNames(nodes.Items)); unread != nil {
			r.Errors = append(r.Errors, unread.Error())
		}
	}
	r.Items = configpush.Rollout(nodes.Items, pushed, a.now())
	return r, missing, err
}

func nodeNames(nodes []model.Node) []string {
	names := make([]string, len(nodes))
	for i := range nodes {
		names[i] = nodes[i].Name
	}
	return names
}

// judgeRollout turns a rollout that was waited for into the command's end.
func (a *app) judgeRollout(r *model.Rollout, timeout bool) error {
	var behind, rejected []string
	for i := range r.Items {
		switch item := &r.Items[i]; {
		case item.Behind():
			behind = append(behind, item.Name)
		case item.State == model.RolloutRejected:
			rejected = append(rejected, item.Name)
		case item.State == model.RolloutDead:
			a.say("node %s: no agent reports this host; one that starts later will apply its config", item.Name)
		}
	}
	switch {
	case timeout && len(behind) > 0:
		return &exitError{
			code: exitTimeout,
			err:  fmt.Errorf("wait for the rollout: %s did not apply the config within %v", list(behind), a.global.timeout),
			hint: "nodes " + strings.Join(behind, " "),
		}
	case len(rejected) > 0:
		return &exitError{code: exitFailure, err: fmt.Errorf("wait for the rollout: rejected by %s", list(rejected)), hint: "config history " + owner(rejected[0])}
	}
	return nil
}
