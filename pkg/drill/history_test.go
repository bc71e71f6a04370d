package drill

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// found checks the faults that a comparison has found, each by a part of its text.
func found(t *testing.T, what string, faults []string, want ...string) {
	t.Helper()
	ok := len(faults) == len(want)
	for i := range min(len(faults), len(want)) {
		ok = ok && strings.Contains(faults[i], want[i])
	}
	if !ok {
		t.Errorf("%s: found %q, want %q", what, faults, want)
	}
}

func byKey(records ...record) map[string]record {
	m := make(map[string]record)
	for _, r := range records {
		m[r.key] = r
	}
	return m
}

func TestALostWriteIsFound(t *testing.T) {
	a, b := record{"a", "1", 5}, record{"b", "2", 6}
	whole := map[string]map[string]record{"etcd-1": byKey(a, b), "etcd-2": byKey(a, b)}
	found(t, "nothing lost", lost([]record{a, b}, whole))
	found(t, "one missing at one member", lost([]record{a, b}, map[string]map[string]record{"etcd-1": byKey(a, b), "etcd-2": byKey(a)}),
		`"b", acknowledged as "2" at revision 6, is not there when read through etcd-2`)
	found(t, "another value", lost([]record{a}, map[string]map[string]record{"etcd-1": byKey(record{"a", "0", 5})}), `is "0" of revision 5`)
	found(t, "another revision", lost([]record{a}, map[string]map[string]record{"etcd-1": byKey(record{"a", "1", 4})}), `is "1" of revision 4`)
}

func TestAWatchThatTellsWrongIsFound(t *testing.T) {
	a, b, c := record{"a", "1", 5}, record{"b", "2", 6}, record{"c", "3", 7}
	happened := []record{a, b, c}
	found(t, "all in order", mistold(happened, []record{a, b, c}))
	found(t, "one left out", mistold(happened, []record{a, c}), `"b" at revision 6 was not told`)
	found(t, "one told twice", mistold(happened, []record{a, b, b, c}), `"b" at revision 6 was told twice`)
	found(t, "out of order", mistold(happened, []record{a, c, b}), `"b" at revision 6 was told after revision 7`)
	found(t, "one that never was", mistold([]record{a}, []record{a, b}), `did not happen`)
}

func TestAFalseDeathIsFound(t *testing.T) {
	before := lives{"a": "1", "b": "1", "c": "1"}
	after := lives{"a": "1", "b": "2"}
	dead := func(names ...string) (nodes []model.Node) {
		for _, name := range names {
			nodes = append(nodes, model.Node{Name: name, State: model.NodeDead, Reason: "its lease ended"})
		}
		return nodes
	}
	found(t, "the living", falseDeaths(before, after, dead("a", "a")), "node a was shown Dead")
	found(t, "one that died and returned, one that is gone, and one unknown", falseDeaths(before, after, dead("b", "c", "d")))
	found(t, "shown as something else", falseDeaths(before, after, []model.Node{{Name: "a", State: model.NodeUnknown}}))
}

func TestEventsLostOrDoubledAreFound(t *testing.T) {
	put := func(seq, term, revision int64, kind model.EventType) eventPut {
		return eventPut{seq: seq, event: &model.Event{Seq: seq, Term: term, Type: kind, Revision: revision}}
	}
	died := due{"the death of a", []model.EventType{model.EventDied}, 20}
	found(t, "as it should be", misrecorded(3, []eventPut{put(4, 1, 20, model.EventDied), put(5, 2, 21, model.EventLeader)}, []due{died}))
	found(t, "a number left out", misrecorded(3, []eventPut{put(4, 1, 20, model.EventDied), put(6, 1, 21, model.EventJoined)}, []due{died}),
		"events 5 to 5 were never written")
	again := put(4, 1, 20, model.EventDied)
	again.again = true
	found(t, "written over", misrecorded(3, []eventPut{again}, []due{died}), "event 4 was written twice")
	found(t, "one event lost", misrecorded(3, []eventPut{put(4, 1, 21, model.EventJoined)}, []due{died}), "the death of a (revision 20) became 0 events")
	found(t, "one event doubled", misrecorded(3, []eventPut{put(4, 1, 20, model.EventDied), put(5, 1, 20, model.EventDied)}, []due{died}), "became 2 events")
	found(t, "an earlier term", misrecorded(3, []eventPut{put(4, 2, 20, model.EventDied), put(5, 1, 21, model.EventJoined)}, []due{died}), "of term 1, after one of term 2")
	found(t, "garbage", misrecorded(3, []eventPut{{seq: 4}}, nil), "event 4 is not one")
	found(t, "a gap tells the difference only", misrecorded(3, []eventPut{put(4, 1, 0, model.EventGap)}, []due{died}))
}

func TestAWriteOfALeaderThatLedNoMoreIsFound(t *testing.T) {
	found(t, "one after the other", usurped([]signed{{1, 10}, {1, 11}, {5, 12}, {5, 13}}))
	found(t, "told out of order", usurped([]signed{{5, 12}, {1, 10}}))
	found(t, "the old one again", usurped([]signed{{1, 10}, {5, 12}, {1, 13}}), "the leader of token 1 wrote at revision 13")
}

func TestPercentilesAreOfTheRuns(t *testing.T) {
	var runs []model.DrillRun
	for i := range 100 {
		runs = append(runs, model.DrillRun{Target: model.DrillEtcd, Gaps: map[model.DrillGap]float64{model.GapLeader: float64(100 - i)}})
	}
	runs = append(runs, model.DrillRun{Target: model.DrillAggregator, Gaps: map[model.DrillGap]float64{model.GapKey: 7}})
	got := statistics(runs)
	want := []model.DrillStatistic{
		{Target: model.DrillEtcd, Gap: model.GapLeader, Runs: 100, P50: 50, P99: 99, Max: 100},
		{Target: model.DrillAggregator, Gap: model.GapKey, Runs: 1, P50: 7, P99: 7, Max: 7},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestPromisesAreSummedUpOverTheRuns(t *testing.T) {
	one := promise("writes", "lost", 10, []string{"a"})
	got := total([]model.DrillPromise{one, promise("reads", "stale", 5, nil), promise("writes", "lost", 20, []string{"b", "c", "d", "e", "f"})})
	if len(got) != 2 || got[0].Checked != 30 || got[0].Broken != 6 || len(got[0].Details) != maxDetails || got[1].Checked != 5 {
		t.Errorf("%+v", got)
	}
	if d := (&model.Drill{Proof: got}); len(d.Broken()) != 1 {
		t.Errorf("broken: %+v", d.Broken())
	}
}
