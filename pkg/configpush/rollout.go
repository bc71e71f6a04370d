package configpush

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Pushed is the last change that is known of one stored config.
type Pushed struct {
	// Revision is its mod revision, that of a deletion included if the log has it.
	Revision int64
	Deleted  bool
	At       time.Time // by the pusher's clock; zero if it left no log entry
}

// Pushed returns the last changes of the hosts' configs and of the default.
// Hosts that never had one are not in it.
func (s *Store) Pushed(ctx context.Context, hosts []string) (map[string]Pushed, error) {
	names := append([]string{model.DefaultHost}, hosts...)
	current, err := s.current(ctx, names)
	if err != nil {
		return nil, err
	}
	pushed := make(map[string]Pushed)
	for i, host := range names {
		if p := current[i].pushed(); p.Revision > 0 {
			pushed[host] = p
		}
	}
	return pushed, nil
}

func (e *entry) pushed() Pushed {
	var change model.ConfigChange
	known := e.log != nil && json.Unmarshal(e.log.Value, &change) == nil
	switch {
	case e.config != nil && known && e.log.ModRevision == e.config.ModRevision:
		return Pushed{Revision: e.config.ModRevision, At: change.At}
	case e.config != nil:
		return Pushed{Revision: e.config.ModRevision}
	case known && change.Deleted:
		return Pushed{Revision: e.log.ModRevision, Deleted: true, At: change.At}
	}
	return Pushed{}
}

// Rollout says how far the stored configuration came at each node, given the
// last changes that are known. It does no I/O; now is for the ages.
func Rollout(nodes []model.Node, pushed map[string]Pushed, now time.Time) []model.RolloutItem {
	items := make([]model.RolloutItem, len(nodes))
	for i := range nodes {
		items[i] = rollout(&nodes[i], pushed[nodes[i].Name], pushed[model.DefaultHost])
		if at := items[i].PushedAt; at != nil {
			age := max(0, now.Sub(*at)).Seconds()
			items[i].Age = &age
		}
	}
	return items
}

const reasonOpaque = "an agent that is not ours: it reports no revision, and cannot see _default"

func rollout(n *model.Node, own, def Pushed) model.RolloutItem {
	item := model.RolloutItem{Name: n.Name, Reason: n.Reason, Wanted: n.WantedRevision}
	ours := n.Owner != "" || n.Version != "" || n.ConfigRevision > 0
	if ours {
		item.Applied = new(n.ConfigRevision)
		item.Wanted = wanted(n, own, def)
	}
	switch n.State {
	case model.NodeAlive:
		item.State, item.Reason = applied(n, ours, item.Wanted)
		if item.State == model.RolloutOpaque {
			item.Wanted = own.Revision
		}
	case model.NodeStale:
		item.State = model.RolloutStale
	case model.NodeDead:
		item.State = model.RolloutDead
	case model.NodeLeft:
		item.State = model.RolloutLeft
	case model.NodeInvalid:
		item.State = model.RolloutInvalid
	case model.NodeUnknown:
		item.State = model.RolloutUnknown
	}
	for _, p := range []Pushed{own, def} {
		if p.Revision == item.Wanted && !p.At.IsZero() {
			item.PushedAt = &p.At
		}
	}
	return item
}

// wanted is the revision that an agent of ours should have applied. A node looked
// at once wants the configs that exist. A deletion counts besides where the agent
// reports a revision that only what was deleted can have had: an agent that was
// started after it knows nothing of it, and has nothing to apply.
func wanted(n *model.Node, own, def Pushed) int64 {
	newest := n.WantedRevision
	for _, p := range []Pushed{own, def} {
		if p.Deleted && n.ConfigRevision > n.WantedRevision {
			newest = max(newest, p.Revision)
		}
	}
	return newest
}

// applied tells how a living agent stands to what is wanted.
func applied(n *model.Node, ours bool, wanted int64) (model.RolloutState, string) {
	switch {
	case !ours:
		return model.RolloutOpaque, reasonOpaque
	case n.ConfigRevision >= wanted:
		return model.RolloutSynced, n.Reason
	case n.ConfigRejected:
		return model.RolloutRejected, n.ConfigError
	}
	return model.RolloutPending, n.Reason
}
