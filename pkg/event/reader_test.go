package event

import (
	"fmt"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// listed is an update by a list, told in words: "4 5 -1" are puts of the events 4
// and 5 and the absence of event 1.
func listed(words string) etcd.Update {
	u := etcd.Update{Listed: true}
	for word := range strings.FieldsSeq(words) {
		var seq int64
		if _, err := fmt.Sscan(strings.TrimPrefix(word, "-"), &seq); err != nil {
			panic(err)
		}
		c := etcd.Change{Key: keys.Event(seq)}
		if !strings.HasPrefix(word, "-") {
			c.KV = &mvccpb.KeyValue{Key: []byte(c.Key), Value: []byte(`{"type":"died"}`)}
		}
		u.Changes = append(u.Changes, c)
	}
	return u
}

func watched(words string) etcd.Update {
	u := listed(words)
	u.Listed = false
	return u
}

// told says what a reader tells: "back" for a store that was set back, "?1-3" for
// events that were missed.
func told(after int64, updates ...etcd.Update) string {
	var words []string
	r := &reader{last: after, counted: after > 0, to: Follower{News: func(n News) {
		if n.SetBack {
			words = append(words, "back")
		}
		if n.Missed.Len() > 0 {
			words = append(words, fmt.Sprintf("?%d-%d", n.Missed.From, n.Missed.To))
		}
		for i := range n.Events {
			words = append(words, fmt.Sprint(n.Events[i].Seq))
		}
		words = append(words, n.Problems...)
	}}}
	for _, u := range updates {
		r.update(u)
	}
	return strings.Join(words, " ")
}

func TestReaderTellsEventsOnceAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		after   int64
		updates []etcd.Update
		want    string
	}{
		{"from the first that is kept", 0, []etcd.Update{listed("7 8"), watched("9 -7")}, "7 8 9"},
		{"from a number", 7, []etcd.Update{listed("5 6 7 8"), watched("9")}, "8 9"},
		{"from a number that is trimmed", 3, []etcd.Update{listed("7 8")}, "?4-6 7 8"},
		{"an empty log that begins late", 0, []etcd.Update{listed(""), watched("3")}, "?1-2 3"},
		{"a watch that tells again", 0, []etcd.Update{listed("1 2"), watched("1 2 3"), watched("2 3 4")}, "1 2 3 4"},
		{"a list that tells nothing new", 0, []etcd.Update{listed("1 2"), listed(""), watched("3")}, "1 2 3"},
		{"trimmed during a gap", 0, []etcd.Update{listed("1 2 3"), listed("7 8 -1 -2 -3")}, "1 2 3 ?4-6 7 8"},
		{"two holes", 0, []etcd.Update{listed("1"), listed("3 6")}, "1 ?2-2 3 ?4-5 6"},
		{"deleted by hand under a watch", 0, []etcd.Update{listed("1 2 3"), watched("-3 -2"), watched("4")}, "1 2 3 4"},
	} {
		if got := told(test.after, test.updates...); got != test.want {
			t.Errorf("%s: told %q, want %q", test.name, got, test.want)
		}
	}
}

func TestReaderGoesBackWithTheStore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		after   int64
		updates []etcd.Update
		want    string
	}{
		{"to an earlier end", 0, []etcd.Update{listed("1 2 3 4"), listed("-3 -4"), watched("3 4 5")}, "1 2 3 4 back 3 4 5"},
		{"and on another way", 0, []etcd.Update{listed("1 2 3 4"), listed("3 -4"), watched("4")}, "1 2 3 4 back 3 4"},
		{"and past where it was", 0, []etcd.Update{listed("1 2 3 4"), listed("3 4 5")}, "1 2 3 4 back 3 4 5"},
		{"to nothing", 0, []etcd.Update{listed("1 2"), listed("-1 -2"), watched("1")}, "1 2 back 1"},
		{"before it was read first", 9, []etcd.Update{listed("1 2 3"), watched("4")}, "back 4"},
		{"to nothing before it was read first", 9, []etcd.Update{listed(""), watched("1")}, "back 1"},
	} {
		if got := told(test.after, test.updates...); got != test.want {
			t.Errorf("%s: told %q, want %q", test.name, got, test.want)
		}
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	t.Parallel()
	var p problems
	for i := range maxProblems + 5 {
		p.add(strings.Repeat("é", i*maxProblemLength))
	}
	told := p.told()
	if len(told) != maxProblems+1 || told[maxProblems] != "and 5 more like these" {
		t.Errorf("told %d problems, the last is %q", len(told), told[len(told)-1])
	}
	for _, text := range told {
		if len(text) > maxProblemLength+len("…") {
			t.Errorf("a problem of %d bytes", len(text))
		}
	}
}
