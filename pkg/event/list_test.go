package event_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func list(t *testing.T, pool *etcd.Pool, f event.Filter) *event.Log {
	t.Helper()
	log, err := event.List(t.Context(), pool, f)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func numbers(events []model.Event) []int64 {
	var seqs []int64
	for i := range events {
		seqs = append(seqs, events[i].Seq)
	}
	return seqs
}

func TestListHasAllThatIsKeptInOrder(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	pool := c.Pool()
	if log := list(t, pool, event.Filter{}); log.Led || len(log.Events) != 0 || log.Kept.Len() != 0 {
		t.Errorf("of an empty store: %+v", log)
	}
	put(t, c.Client(), keys.Summary(), "{}")
	if log := list(t, pool, event.Filter{}); !log.Led {
		t.Error("an aggregator has led, and it is not said")
	}
	w := newWriter(t, c.Client(), 2500)
	for range 12 {
		w.write(250)
	}
	log := list(t, pool, event.Filter{})
	differ(t, numbers(log.Events), row(501, 3000))
	if log.Kept != (event.Span{From: 501, To: 3000}) || !log.Led || len(log.Problems) != 0 {
		t.Errorf("kept %v, led %v, problems %q", log.Kept, log.Led, log.Problems)
	}
	first := log.Events[0].Time
	if log.Lacks(first) || !log.Lacks(first.Add(-1)) {
		t.Error("what is older than the first event that is kept is lacking, and nothing else")
	}
}

func TestFilterTakesWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	newWriter(t, c.Client(), 100).write(12)
	pool := c.Pool()
	for _, test := range []struct {
		filter event.Filter
		want   []int64
	}{
		{event.Filter{Since: noon.Add(9 * 1e9)}, []int64{10, 11, 12}},
		{event.Filter{Hosts: []string{"node-1"}}, []int64{1, 4, 7, 10}},
		{event.Filter{Hosts: []string{"node-1", "node-2"}, Types: []model.EventType{typeOf(1), typeOf(2)}}, []int64{1, 2, 7, 8}},
		{event.Filter{Types: []model.EventType{model.EventGap}}, nil},
	} {
		log := list(t, pool, test.filter)
		if got := numbers(log.Events); !slices.Equal(got, test.want) {
			t.Errorf("%+v takes %v, want %v", test.filter, got, test.want)
		}
		if log.Kept != (event.Span{From: 1, To: 12}) || log.From != noon {
			t.Errorf("kept %v from %v", log.Kept, log.From)
		}
	}
}

func TestWhatIsNoEventIsNamedAndHidesNoOther(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	w := newWriter(t, cli, 100)
	w.write(9)
	put(t, cli, keys.EventPrefix+"\x1b[2J", "{}")
	put(t, cli, keys.EventPrefix+strings.Repeat("9", 5000), "{}")
	put(t, cli, keys.Event(3), "not json")
	put(t, cli, keys.Event(4), `{"seq": 4000, "type": "died"}`)
	if _, err := cli.Delete(t.Context(), keys.Event(6)); err != nil {
		t.Fatal(err)
	}
	log := list(t, c.Pool(), event.Filter{})
	if got, want := numbers(log.Events), []int64{1, 2, 4, 5, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if len(log.Problems) != 4 {
		t.Fatalf("problems %q", log.Problems)
	}
	for i, p := range log.Problems {
		if len(p) > 400 {
			t.Errorf("problem %d has %d bytes", i, len(p))
		}
	}
	named := []string{log.Problems[1], log.Problems[2]}
	if diff := cmp.Diff([]string{"event 3: not an event's JSON object", "missing: event 6"}, named); diff != "" {
		t.Error(diff)
	}
}

func TestTheNewestAreListedWhereNobodyTrims(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	w := newWriter(t, c.Client(), 1e9)
	for w.seq < model.MaxEvents+1500 {
		w.write(500)
	}
	log := list(t, c.Pool(), event.Filter{})
	differ(t, numbers(log.Events), row(1501, w.seq))
	if diff := cmp.Diff([]string{"1500 older events left out: an aggregator would keep 10000"}, log.Problems); diff != "" {
		t.Error(diff)
	}
}

func TestListWithoutAStoreSaysThatItIsUnreachable(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	pool := c.Pool()
	c.Members[0].Stop()
	_, err := event.List(t.Context(), pool, event.Filter{})
	var unreachable *etcd.UnreachableError
	if !errors.As(err, &unreachable) || !strings.HasPrefix(err.Error(), "list events: ") {
		t.Errorf("%v", err)
	}
}
