package printer

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func configHistory() *model.ConfigHistory {
	ago := func(d time.Duration) *time.Time { return new(observed.Add(-d)) }
	return &model.ConfigHistory{TypeMeta: meta(model.KindConfigHistory), Host: "node-1", Items: []model.ConfigRevision{
		{Revision: 97, Before: new(int64(95)), Value: new(`{"interval":7}`), Change: "interval 2 -> 7; metrics unset"},
		{Revision: 95, Seq: 34, ID: "2XQ", By: "anna@laptop", At: ago(3 * time.Minute), Message: "look closer", Before: new(int64(0)),
			Value: new(`{"interval":2,"metrics":["cpu","disk read"]}`), Change: "created"},
		{Revision: 90, Seq: 33, ID: "QXQ", By: "bob@" + hostileText, At: ago(50 * time.Hour), Message: hostileText, Before: new(int64(0)), Deleted: true, Change: "deleted"},
		{Before: new(int64(80)), Deleted: true, Change: "deleted"},
		{Revision: 80, Change: "changed"},
	}}
}

func rolloutOf() *model.Rollout {
	pushed := new(observed.Add(-90 * time.Second))
	return &model.Rollout{TypeMeta: meta(model.KindRollout), Items: []model.RolloutItem{
		{Name: "node-1", State: model.RolloutSynced, Wanted: 95, Applied: new(int64(95)), PushedAt: pushed, Age: new(90.0)},
		{Name: "node-2", State: model.RolloutPending, Wanted: 95, Applied: new(int64(90)), PushedAt: pushed, Age: new(90.0)},
		{Name: "node-3", State: model.RolloutRejected, Reason: `config of node-3 rejected: interval must be a number`, Wanted: 97, Applied: new(int64(0))},
		{Name: "node-4", State: model.RolloutOpaque, Reason: "an agent that is not ours: it reports no revision, and cannot see _default", Wanted: 42},
		{Name: "node-5", State: model.RolloutStale, Reason: "no heartbeat for 3m20s, promised every 25s", Wanted: 12, Applied: new(int64(12))},
		{Name: "node-6", State: model.RolloutDead, Reason: "no heartbeat"},
	}}
}
