package printer

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func eventList(events ...model.Event) *model.EventList {
	return &model.EventList{TypeMeta: meta(model.KindEventList), Items: events}
}

// someEvents are of every type, with every cause of a change of leader.
func someEvents() []model.Event {
	events := []model.Event{
		{Type: model.EventLeader, Leader: "aggregator-1", Cause: model.CauseFirst},
		{Type: model.EventJoined, Host: "node-1", Revision: 12},
		{Type: model.EventJoined, Host: "node-2.rack-7.example.com", Revision: 13},
		{Type: model.EventApplied, Host: "node-1", Revision: 20, Config: 19},
		{Type: model.EventApplied, Host: "node-1", Revision: 22, Config: 21, Reason: `unknown metric "gpu"`},
		{Type: model.EventRejected, Host: "node-1", Revision: 24, Config: 21, Reason: "ttl must be 2 to 600 seconds, not 1"},
		{Type: model.EventRejected, Host: "node-2.rack-7.example.com", Revision: 25, Reason: "interval must be a number"},
		{Type: model.EventDied, Host: "node-1", Revision: 30, Reason: "its lease ended"},
		{Type: model.EventLeader, Leader: "aggregator-2", Previous: "aggregator-1", Cause: model.CauseDied, Without: new(0.2137)},
		{Type: model.EventReturned, Host: "node-1", Revision: 41},
		{Type: model.EventLeft, Host: "node-1", Revision: 43, Reason: "stopped in good order"},
		{Type: model.EventLeader, Leader: "aggregator-1", Previous: "aggregator-2", Cause: model.CauseResigned, Without: new(0.0)},
		{Type: model.EventLeader, Leader: "aggregator-1", Previous: "aggregator-1", Cause: model.CauseExpired, Without: new(6.2)},
		{Type: model.EventLeader, Leader: "aggregator-2", Previous: "aggregator-1", Cause: model.CauseDeposed},
		{Type: model.EventLeader, Leader: "aggregator-1", Cause: model.CauseExpired},
		{Type: model.EventGap, From: 60, To: 1060},
		{Type: "split", Host: "node-1", Reason: "a type of a later version"},
	}
	for i := range events {
		events[i].Seq, events[i].Time = int64(i+1), observed.Add(time.Duration(i*i-300)*time.Second+123*time.Millisecond)
		events[i].Term, events[i].By = 1, "aggregator-1"
	}
	return events
}

func hostileEvents() []model.Event {
	return []model.Event{
		{Seq: 1, Type: hostileText, Host: hostileText, Reason: hostileText, By: hostileText},
		{Seq: 2, Type: model.EventLeader, Leader: hostileText, Previous: hostileText, Cause: hostileText, Without: new(-1e300)},
		{Seq: -3, Type: model.EventApplied, Config: -1, Time: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(2, 0, 0)},
		{Seq: 4, Type: model.EventLeader, Without: new(1e300), Time: observed.AddDate(900, 0, 0)},
	}
}
