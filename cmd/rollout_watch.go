package cmd

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// pushedTimeout bounds the reading of the pushes' times between two frames.
const pushedTimeout = 2 * time.Second

// watchedRollout watches how far the configuration came. When it was pushed is
// read anew only when another revision is wanted somewhere.
func (a *app) watchedRollout(ctx context.Context, s *status.Source, names []string) watched {
	var (
		wanted map[string]int64
		pushed map[string]configpush.Pushed
		unread error
	)
	return whole(func(l *status.Live) any {
		nodes := slices.DeleteFunc(l.Nodes().Items, func(n model.Node) bool {
			return len(names) > 0 && !slices.Contains(names, n.Name)
		})
		now := make(map[string]int64, len(nodes))
		for i := range nodes {
			now[nodes[i].Name] = nodes[i].WantedRevision
		}
		if !maps.Equal(wanted, now) || unread != nil {
			reading, cancel := context.WithTimeout(ctx, pushedTimeout)
			var fresh map[string]configpush.Pushed
			if fresh, unread = a.store(s.Pool).Pushed(reading, nodeNames(nodes)); unread == nil {
				wanted, pushed = now, fresh
			}
			cancel()
		}
		return &model.Rollout{
			TypeMeta: model.NewTypeMeta(model.KindRollout, s.Name, a.now()),
			Items:    configpush.Rollout(nodes, pushed, a.now()),
		}
	})
}
