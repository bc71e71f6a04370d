package printer

import (
	"bytes"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func (s *Stream) sayAggregators(b *bytes.Buffer, a *model.AggregatorLeader) {
	if sentence := aggregatorSentence(a, time.Time{}); sentence != "" {
		s.say(b, "aggregators", "Aggregators: "+sentence+".")
	}
}

// writeAggregators appends what has changed of the aggregators, and each new
// change of their leader.
func (s *Stream) writeAggregators(b *bytes.Buffer, a *model.AggregatorLeader) {
	s.sayAggregators(b, a)
	s.aggregators.write(b, tableOf(replicas(a), replicaColumns(), s.o.wide()), s.o)
	changes := tableOf(s.newChanges(a.Changes), changeColumns(time.Time{}), s.o.wide())
	s.changes.append(b, changes, changes.rows, s.o)
}

// newChanges returns those of the changes, the newest of which is the first, that
// have not been returned yet, in the order in which they happened.
func (s *Stream) newChanges(changes []model.Event) []model.Event {
	known := slices.IndexFunc(changes, func(e model.Event) bool { return e.Seq == s.changed })
	if known < 0 {
		known = len(changes)
	}
	fresh := slices.Clone(changes[:known])
	slices.Reverse(fresh)
	if len(fresh) > 0 {
		s.changed = changes[0].Seq
	}
	return fresh
}
