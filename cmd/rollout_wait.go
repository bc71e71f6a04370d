package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// settleTime is how long a rejection must stand. A heartbeat does not say which
// revision its complaint is about: one of the config before a push looks, until
// the agent has seen the push, like one of the push.
const settleTime = time.Second

// awaitRollout returns when no agent has its config still to apply, or with ctx's
// error.
func (a *app) awaitRollout(ctx context.Context, s *status.Source, names []string) error {
	nodes, _, err := status.Nodes(ctx, s, names)
	if err != nil {
		return err
	}
	pushed, err := a.store(s.Pool).Pushed(ctx, nodeNames(nodes.Items))
	if err != nil {
		return err
	}
	return withLive(ctx, s, func(ctx context.Context, live *status.Live) error {
		return a.untilSettled(ctx, live, names, pushed)
	})
}

func (a *app) untilSettled(ctx context.Context, live *status.Live, names []string, pushed map[string]configpush.Pushed) error {
	var settled time.Time // since when only rejections are left
	again := time.NewTicker(settleTime)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		case <-live.Changed():
		}
		if !live.Ready() {
			continue
		}
		nodes := slices.DeleteFunc(live.Nodes().Items, func(n model.Node) bool {
			return len(names) > 0 && !slices.Contains(names, n.Name)
		})
		items := configpush.Rollout(nodes, pushed, a.now())
		if slices.ContainsFunc(items, func(i model.RolloutItem) bool { return i.Behind() }) {
			settled = time.Time{}
			continue
		}
		if settled.IsZero() {
			settled = time.Now()
		}
		rejected := slices.ContainsFunc(items, func(i model.RolloutItem) bool { return i.State == model.RolloutRejected })
		if !rejected || time.Since(settled) >= settleTime {
			return nil
		}
	}
}
