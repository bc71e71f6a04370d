package event_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const patient = 30 * time.Second

// noon is when the first event of a test happens; each of the others happens a
// second after the one before.
var noon = time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)

// writer writes events as a leading aggregator does: numbered without gaps, and
// trimmed to the newest.
type writer struct {
	t    testing.TB
	cli  *etcd.Client
	kept int64 // how many stay

	mu   sync.Mutex
	seq  int64   // the newest
	revs []int64 // the revision of each, from number 1 on
}

func newWriter(t testing.TB, cli *etcd.Client, kept int64) *writer {
	t.Helper()
	return &writer{t: t, cli: cli, kept: kept}
}

// hostOf is the host that an event is about.
func hostOf(seq int64) string { return fmt.Sprintf("node-%d", seq%3) }

func typeOf(seq int64) model.EventType { return model.EventTypes()[seq%6] }

func encode(t testing.TB, e model.Event) string {
	t.Helper()
	value, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

// write writes n more events in one txn, until it is acknowledged. It returns false
// where it cannot.
func (w *writer) write(n int64) bool {
	w.t.Helper()
	var ops []clientv3.Op
	for seq := w.seq + 1; seq <= w.seq+n; seq++ {
		ops = append(ops, clientv3.OpPut(keys.Event(seq), encode(w.t, model.Event{
			Seq: seq, Type: typeOf(seq), Time: noon.Add(time.Duration(seq-1) * time.Second), Host: hostOf(seq), Term: 1, By: "aggregator-1",
		})))
	}
	if oldest := w.seq + n - w.kept + 1; oldest > 1 {
		ops = append(ops, clientv3.OpDelete(keys.EventPrefix, clientv3.WithRange(keys.Event(oldest))))
	}
	first := keys.Event(w.seq + 1)
	for deadline := time.Now().Add(patient); ; {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		resp, err := w.cli.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(first), "=", 0)).Then(ops...).Else(clientv3.OpGet(first)).Commit()
		cancel()
		if err == nil {
			w.wrote(n, resp)
			return true
		}
		if time.Now().After(deadline) || w.t.Context().Err() != nil {
			w.t.Errorf("write events after %d: %v", w.seq, err)
			return false
		}
	}
}

func (w *writer) wrote(n int64, resp *clientv3.TxnResponse) {
	rev := resp.Header.Revision
	if !resp.Succeeded { // by an attempt whose answer was lost
		rev = resp.Responses[0].GetResponseRange().Kvs[0].ModRevision
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq += n
	w.revs = append(w.revs, slices.Repeat([]int64{rev}, int(n))...)
}

// revision is that at which an event was written, or an earlier one where the
// answer to that write is still on its way.
func (w *writer) revision(seq int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.revs[min(seq, int64(len(w.revs)))-1]
}

// listener is what somebody who follows the events is told.
type listener struct {
	t       testing.TB
	after   int64 // the number after which it listens
	mu      sync.Mutex
	changed chan struct{} // closed and renewed with every call
	news    []event.News
	told    []int64 // the numbers of the events
	lost    int
}

func listen(t testing.TB, cli *etcd.Client, f event.Filter, after int64) *listener {
	t.Helper()
	l := &listener{t: t, after: after, changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		_ = event.Follow(ctx, cli, f, after, event.Follower{
			News: func(n event.News) {
				l.note(func() {
					l.news = append(l.news, n)
					for i := range n.Events {
						l.told = append(l.told, n.Events[i].Seq)
					}
				})
			},
			Lost: func(error) { l.note(func() { l.lost++ }) },
		})
	})
	t.Cleanup(func() { cancel(); following.Wait() })
	return l
}

func (l *listener) note(what func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what()
	close(l.changed)
	l.changed = make(chan struct{})
}

// last is the number of the event told last; 0 before the first.
func (l *listener) last() int64 {
	if len(l.told) == 0 {
		return l.after
	}
	return l.told[len(l.told)-1]
}

// until waits until the listener is as ok says.
func (l *listener) until(what string, ok func() bool) {
	l.t.Helper()
	timeout := time.After(patient)
	for {
		l.mu.Lock()
		done, changed := ok(), l.changed
		l.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			l.mu.Lock()
			defer l.mu.Unlock()
			l.t.Fatalf("never: %s; told up to %d, lost %d times", what, l.last(), l.lost)
		}
	}
}

// row is the numbers from one to another.
func row(from, to int64) []int64 {
	var numbers []int64
	for n := from; n <= to; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// differ tells where two rows of numbers differ first.
func differ(t testing.TB, got, want []int64) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("event %d is not told, nor the %d after it", want[i], len(want)-i-1)
			return
		case i >= len(want):
			t.Errorf("event %d is told, and %d after it", got[i], len(got)-i-1)
			return
		case got[i] != want[i]:
			t.Errorf("event %d is told where %d is due", got[i], want[i])
			return
		}
	}
}

func put(t testing.TB, cli *etcd.Client, key, value string) {
	t.Helper()
	if _, err := cli.Put(t.Context(), key, value); err != nil {
		t.Fatal(err)
	}
}
