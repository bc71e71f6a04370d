package printer_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

func beating(name string, age, cpu float64) model.Node {
	return model.Node{Name: name, State: model.NodeAlive, Age: &age, Metrics: map[string]float64{model.MetricCPU: cpu}}
}

func dead(name, reason string) model.Node {
	return model.Node{Name: name, State: model.NodeDead, Reason: reason}
}

func nodesOf(nodes ...model.Node) *model.NodeList {
	return &model.NodeList{TypeMeta: model.NewTypeMeta(model.KindNodeList, "test", time.Unix(1763690000, 0)), Items: nodes}
}

func streamed(t *testing.T, format printer.Format, records ...any) string {
	t.Helper()
	var b bytes.Buffer
	s := printer.NewStream(&b, printer.Options{Format: format})
	for _, r := range records {
		if err := s.Print(r); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestStreamAppendsOnlyRowsThatLookDifferent(t *testing.T) {
	t.Parallel()
	got := streamed(t, printer.Table,
		nodesOf(beating("a", 1, 10), beating("b", 1, 20)),
		nodesOf(beating("a", 5, 10)), // time has passed, no more
		nodesOf(beating("b", 0, 21)),
		nodesOf(dead("a", "its lease ended")),
		nodesOf(dead("a", "its lease ended")),
		nodesOf(beating("a", 0, 10)),
	)
	want := `NAME   STATE   CPU     AGE
a      Alive   10.0%   1s
b      Alive   20.0%   1s
b      Alive   21.0%   0s
a      Dead    -       -     its lease ended
a      Alive   10.0%   0s
`
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestStreamRepeatsTheHeadingsWhenItsColumnsChange(t *testing.T) {
	t.Parallel()
	more := beating("b", 1, 20)
	more.Metrics[model.MetricMemory] = 50
	got := streamed(t, printer.Table, nodesOf(beating("a", 1, 10)), nodesOf(more), nodesOf(beating("a", 1, 11)))
	if n := strings.Count(got, "NAME"); n != 2 {
		t.Errorf("%d headings, want 2:\n%s", n, got)
	}
	if !strings.HasSuffix(got, "a      Alive   11.0%   -        1s\n") {
		t.Errorf("the columns are not those of the headings:\n%s", got)
	}
}

func TestStreamOfDocumentsIsOneALine(t *testing.T) {
	t.Parallel()
	st := func(v model.Verdict, age float64) *model.Status {
		return &model.Status{TypeMeta: model.NewTypeMeta(model.KindStatus, "test", time.Now()), Verdict: v, Nodes: []model.Node{beating("a", age, 1)}}
	}
	got := streamed(t, printer.JSON, st(model.Healthy, 1), st(model.Healthy, 2), st(model.Degraded, 3),
		nodesOf(beating("a", 1, 10), beating("b", 1, 20)), nodesOf(beating("a", 2, 10), beating("b", 2, 30)))
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d documents, want 4:\n%s", len(lines), got)
	}
	var last model.NodeList
	if err := json.Unmarshal([]byte(lines[3]), &last); err != nil {
		t.Fatal(err)
	}
	if len(last.Items) != 1 || last.Items[0].Name != "b" {
		t.Errorf("the last document has %+v, want the changed node alone", last.Items)
	}
}

func TestStreamOfNamesAndYAML(t *testing.T) {
	t.Parallel()
	records := []any{nodesOf(beating("a", 1, 10), beating("b", 1, 20)), nodesOf(beating("a", 2, 10), beating("b", 2, 30))}
	if got, want := streamed(t, printer.Name, records...), "node/a\nnode/b\nnode/b\n"; got != want {
		t.Errorf("names %q, want %q", got, want)
	}
	if got := streamed(t, printer.YAML, records...); strings.Count(got, "---\n") != 2 {
		t.Errorf("documents:\n%s", got)
	}
}

func TestStreamOfStatusAndLeaderSaysTheSentenceAnew(t *testing.T) {
	t.Parallel()
	term := uint64(2)
	member := model.Member{Name: "etcd-1", ID: "a", State: model.MemberUp, Role: model.RoleLeader, RaftTerm: &term}
	st := func(v model.Verdict) *model.Status {
		return &model.Status{Verdict: v, Members: []model.Member{member}, Quorum: model.QuorumOf([]model.Member{member})}
	}
	got := streamed(t, printer.Table, st(model.Healthy), st(model.Healthy), st(model.Unhealthy))
	if strings.Count(got, "HEALTHY: ") != 2 || strings.Count(got, "etcd-1") != 1 {
		t.Errorf("status:\n%s", got)
	}
	l := &model.Leader{Leader: model.LeaderInfo{Name: "etcd-1", Term: 2}, Candidates: []model.Candidate{{Name: "etcd-1"}}}
	if got := streamed(t, printer.Table, l, l); strings.Count(got, "leads raft") != 1 {
		t.Errorf("leader:\n%s", got)
	}
}

func TestScreenCutsWhatDoesNotFitAndWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s, err := printer.NewScreen(&b)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	text := []byte("one line that is too long\n\x1b[32mtwo\x1b[0m\nthree\nfour\n")
	if err := s.Draw(text, 10, 3); err != nil {
		t.Fatal(err)
	}
	frame := b.String()
	for _, want := range []string{"one line …", "\x1b[32mtwo\x1b[0m", "… 2 more"} {
		if !strings.Contains(frame, want) {
			t.Errorf("frame %q has no %q", frame, want)
		}
	}
	if strings.Contains(frame, "three") || strings.Count(frame, "\n") != 2 {
		t.Errorf("frame %q has more than 3 lines", frame)
	}
	b.Reset()
	if err := s.Draw(text, 10, 3); err != nil || b.Len() != 0 {
		t.Errorf("the same frame was written again: %q, %v", b.String(), err)
	}
	if err := s.Close([]byte("last\n")); err != nil || !strings.HasSuffix(b.String(), "last\n") {
		t.Errorf("left behind: %q, %v", b.String(), err)
	}
}

// Two events may look the same; each of them has happened.
func TestStreamAppendsEveryEvent(t *testing.T) {
	t.Parallel()
	died := model.Event{Seq: 7, Type: model.EventDied, Time: time.Unix(1763690000, 0), Host: "a", Reason: "its lease ended"}
	again := died
	again.Seq++
	events := func(items ...model.Event) *model.EventList {
		return &model.EventList{TypeMeta: model.NewTypeMeta(model.KindEventList, "test", time.Now()), Items: items}
	}
	records := []any{events(died), events(), events(again, model.Event{Seq: 9, Type: model.EventJoined, Time: died.Time, Host: "a.rack"})}
	for format, want := range map[printer.Format]string{
		printer.Table: `TIME                       TYPE   HOST   REASON
2025-11-21T01:53:20.000Z   died   a      its lease ended
2025-11-21T01:53:20.000Z   died     a        its lease ended
2025-11-21T01:53:20.000Z   joined   a.rack   -
`,
		printer.Name: "event/7\nevent/8\nevent/9\n",
	} {
		if got := streamed(t, format, records...); got != want {
			t.Errorf("%s, got:\n%swant:\n%s", format, got, want)
		}
	}
	if got := streamed(t, printer.JSON, records...); strings.Count(got, "\n") != 2 || strings.Count(got, `"seq":`) != 3 {
		t.Errorf("got %s, want a document of one event and one of two", got)
	}
}
