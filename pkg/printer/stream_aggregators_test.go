package printer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// led is who leads after these terms: aggregator 1 in the odd ones, 2 in the others.
func led(terms int64) model.AggregatorLeader {
	replica := func(term int64) model.Aggregator {
		return model.Aggregator{Name: fmt.Sprintf("aggregator-%d", 2-term%2)}
	}
	at := func(term int64) time.Time { return time.Unix(1763690000+60*term, 0) }
	a := model.AggregatorLeader{
		State: model.Leads, Leader: new(replica(terms)), Standbys: []model.Aggregator{replica(terms + 1)},
		Term: terms, Since: new(at(terms)),
	}
	for term := terms; term > 0; term-- {
		a.Changes = append(a.Changes, model.Event{
			Seq: 10 * term, Term: term, Time: at(term), Leader: replica(term).Name, Previous: replica(term - 1).Name,
			Cause: model.CauseDied, Without: new(0.042),
		})
	}
	return a
}

func TestStreamTellsEveryChangeOfTheAggregatorsLeaderOnce(t *testing.T) {
	t.Parallel()
	record := func(a model.AggregatorLeader, observed int64) *model.Leader {
		return &model.Leader{TypeMeta: model.NewTypeMeta(model.KindLeader, "test", time.Unix(observed, 0)), Aggregator: a}
	}
	records := []any{
		record(led(1), 1763690100),
		record(led(1), 1763690170), // time has passed, no more
		record(model.AggregatorLeader{State: model.LeaderNone, Changes: led(1).Changes}, 1763690180),
		record(led(3), 1763690200),
	}
	got := streamed(t, printer.Table, records...)
	want := `Aggregators: aggregator-1 leads term 1, 1 standby.
NAME           ROLE      ADDRESS   VERSION
aggregator-1   leader    -         -
aggregator-2   standby   -         -
LEADER         AFTER          CAUSE   WITHOUT   TERM   TIME
aggregator-1   aggregator-2   died    42ms      1      2025-11-21T01:54:20Z
Aggregators: none leads.
Aggregators: aggregator-1 leads term 3, 1 standby.
aggregator-2   aggregator-1   died    42ms      2      2025-11-21T01:55:20Z
aggregator-1   aggregator-2   died    42ms      3      2025-11-21T01:56:20Z
`
	if _, got, _ = strings.Cut(got, "\n"); got != want { // after the line of raft's leader
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if got := streamed(t, printer.JSON, records...); strings.Count(got, "\n") != 3 {
		t.Errorf("documents:\n%s", got)
	}
	if got, want := streamed(t, printer.Name, record(led(1), 0), record(led(2), 0)), "aggregator/aggregator-1\naggregator/aggregator-2\n"; got != want {
		t.Errorf("names %q, want %q", got, want)
	}
	statuses := []any{&model.Status{Aggregator: led(1)}, &model.Status{Aggregator: led(1)}, &model.Status{Aggregator: led(2)}}
	if got := streamed(t, printer.Table, statuses...); strings.Count(got, "Aggregators: ") != 2 {
		t.Errorf("status:\n%s", got)
	}
}

// A table that is drawn anew says for how long a node is gone; rows that are not
// would have to be repeated every second.
func TestOnlyWhatIsDrawnAnewSaysForHowLongANodeIsGone(t *testing.T) {
	t.Parallel()
	gone := dead("a", "its lease ended")
	gone.Since = new(time.Unix(1763690000-12, 0))
	var b strings.Builder
	if err := printer.Print(&b, nodesOf(gone), printer.Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "its lease ended 12s ago") {
		t.Errorf("printed:\n%s", b.String())
	}
	later := nodesOf(gone)
	later.ObservedAt = later.ObservedAt.Add(time.Minute)
	if got := streamed(t, printer.Table, nodesOf(gone), later); strings.Count(got, "its lease ended\n") != 1 || strings.Contains(got, "ago") {
		t.Errorf("streamed:\n%s", got)
	}
}
