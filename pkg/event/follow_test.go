package event_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// compact gives up the history up to a revision, for good.
func compact(t testing.TB, cli *etcd.Client, revision int64) {
	t.Helper()
	for deadline := time.Now().Add(patient); ; {
		_, err := cli.Compact(t.Context(), revision, clientv3.WithCompactPhysical())
		if err == nil || errors.Is(rpctypes.Error(err), rpctypes.ErrCompacted) {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("compact: %v", err)
			return
		}
	}
}

// of is a client of some members.
func of(t testing.TB, members ...*testcluster.Member) *etcd.Client {
	t.Helper()
	var endpoints []string
	for _, m := range members {
		endpoints = append(endpoints, m.Endpoint())
	}
	cli, err := etcd.New(etcd.Config{Endpoints: endpoints})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cli.Close)
	return cli
}

// Every member is stopped once, and one hangs, while events are written, most of
// them trimmed, and what has been told is compacted away.
func TestEveryEventIsToldOnceAndInOrderWhateverHappensToMembers(t *testing.T) {
	t.Parallel()
	const total = 5000
	c := testcluster.Start(t, 3)
	w := newWriter(t, of(t, c.Members[1:]...), 200)
	l := listen(t, c.Client(), event.Filter{}, 0)
	rng := rand.New(rand.NewPCG(1, 2))
	goals := make(chan int64) // up to which number events are to be written
	var writing sync.WaitGroup
	writing.Go(func() {
		for goal := range goals {
			for w.seq < goal && w.write(min(1+rng.Int64N(20), goal-w.seq)) {
			}
		}
	})
	told := func(n int64) {
		t.Helper()
		l.until("the next events", func() bool { return l.last() >= n })
	}
	for i, m := range c.Members {
		goal := int64(i+1) * 1000
		goals <- goal
		told(goal - 800)
		compact(t, w.cli, w.revision(goal-800))
		m.Stop()
		told(goal)
		m.Start()
	}
	c.Members[0].Cut()
	goals <- 4000
	told(4000)
	c.Members[0].Mend()
	compact(t, w.cli, w.revision(3990))
	goals <- total
	close(goals)
	told(total)
	writing.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	differ(t, l.told, row(1, total))
	for _, n := range l.news {
		if n.SetBack || n.Missed.Len() > 0 || len(n.Problems) > 0 {
			t.Errorf("told of %v missed, set back %v, problems %q", n.Missed, n.SetBack, n.Problems)
		}
	}
}

func TestWhatWasTrimmedBeforeItCouldBeReadIsCounted(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	w := newWriter(t, of(t, c.Members[1:]...), 50)
	w.write(30)
	l := listen(t, of(t, c.Members[0]), event.Filter{}, 0)
	l.until("what there is", func() bool { return l.last() == 30 })
	c.Members[0].Stop()
	for range 10 {
		w.write(10)
	}
	compact(t, w.cli, w.revision(130)) // the watch cannot be resumed
	w.write(1)
	c.Members[0].Start()
	l.until("the newest", func() bool { return l.last() == 131 })
	l.mu.Lock()
	defer l.mu.Unlock()
	differ(t, l.told, slices.Concat(row(1, 30), row(82, 131)))
	var missed []event.Span
	for _, n := range l.news {
		if n.Missed.Len() > 0 {
			missed = append(missed, n.Missed)
			if n.Events[0].Seq != n.Missed.To+1 {
				t.Errorf("%v are told as missed before event %d", n.Missed, n.Events[0].Seq)
			}
		}
		if n.SetBack {
			t.Error("trimming is taken for a store that was set back")
		}
	}
	if diff := cmp.Diff([]event.Span{{From: 31, To: 81}}, missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
}

func TestFollowGoesOnWhereListEndsWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	const total = 3000
	c := testcluster.Start(t, 1)
	w := newWriter(t, c.Client(), model.MaxEvents)
	w.write(10)
	put(t, w.cli, keys.EventPrefix+"junk", "") // the list's to tell
	var writing sync.WaitGroup
	writing.Go(func() {
		for w.seq < total && w.write(10) {
		}
	})
	defer writing.Wait()
	pool := c.Pool()
	for range 5 {
		log := list(t, pool, event.Filter{})
		l := listen(t, c.Client(), event.Filter{}, log.Kept.To)
		l.until("some more", func() bool { return l.last() >= min(log.Kept.To+300, total) })
		l.mu.Lock()
		differ(t, slices.Concat(numbers(log.Events), l.told), row(1, l.last()))
		for _, n := range l.news {
			if n.Missed.Len() > 0 || len(n.Problems) > 0 {
				t.Errorf("missed %v, problems %q", n.Missed, n.Problems)
			}
		}
		l.mu.Unlock()
	}
}

func TestFollowFiltersAndNamesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	w := newWriter(t, c.Client(), 100)
	l := listen(t, c.Client(), event.Filter{Hosts: []string{"node-1"}}, 0)
	w.write(3)
	l.until("the first of node-1", func() bool { return l.last() == 1 }) // from now on as it is written
	put(t, w.cli, keys.Event(4), `[]`)
	w.seq = 4
	put(t, w.cli, keys.EventPrefix+"\x1b[2J", `{}`)
	w.write(3)
	l.until("the last of node-1", func() bool { return l.last() == 7 })
	l.mu.Lock()
	defer l.mu.Unlock()
	differ(t, l.told, []int64{1, 7})
	var problems []string
	for _, n := range l.news {
		problems = append(problems, n.Problems...)
		if n.Missed.Len() > 0 {
			t.Errorf("%v are there, and told as missed", n.Missed)
		}
	}
	want := []string{"event 4: not an event's JSON object", `key "/monitor/event/\x1b[2J" is no event's`}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestTheStoresAbsenceIsToldOnceAndThatItIsBack(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	w := newWriter(t, c.Client(), 100)
	w.write(1)
	l := listen(t, c.Client(), event.Filter{}, 0)
	l.until("the event", func() bool { return l.last() == 1 })
	c.Members[0].Stop()
	l.until("the loss", func() bool { return l.lost > 0 })
	time.Sleep(500 * time.Millisecond) // for some more attempts
	l.mu.Lock()
	before := len(l.news)
	l.mu.Unlock()
	c.Members[0].Start()
	l.until("the return", func() bool { return len(l.news) > before })
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.news[before]; l.lost != 1 || len(n.Events) > 0 || n.Missed.Len() > 0 {
		t.Errorf("lost %d times, then %+v", l.lost, n)
	}
}
