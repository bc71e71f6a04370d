package configpush_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// deadPool is a pool over an address that refuses connections.
func deadPool(t *testing.T) *etcd.Pool {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	p, err := etcd.NewPool(etcd.Config{Endpoints: []string{"http://" + l.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// muffled is a push under way whose txn has happened, at a member whose answer
// does not arrive.
type muffled struct {
	c      *testcluster.Cluster
	member *testcluster.Member
	others *etcd.Client
	cancel context.CancelFunc
	done   chan struct{}
	// What Push returned, once done is closed.
	result *configpush.Result
	err    error
}

func muffle(t *testing.T) *muffled {
	t.Helper()
	c := testcluster.Start(t, 3)
	a := user(t, c.Pool(), "anna@laptop")
	p := a.plan(want("node-1", `{}`), want("node-2", `{}`))
	asked := a.Pool.Preferred().Endpoint()
	m := &muffled{c: c, done: make(chan struct{})}
	m.member = c.Members[slices.Index(c.Endpoints(), asked)]
	var err error
	m.others, err = etcd.New(etcd.Config{Endpoints: slices.DeleteFunc(c.Endpoints(), func(ep string) bool { return ep == asked })})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.others.Close)
	watch := m.others.Watch(t.Context(), keys.Config("node-1"), clientv3.WithCreatedNotify())
	soon(t, watch)
	m.member.Mute()
	ctx, cancel := context.WithCancel(t.Context())
	m.cancel = cancel
	go func() {
		defer close(m.done)
		m.result, m.err = a.Push(ctx, p, "")
	}()
	t.Cleanup(func() { cancel(); <-m.done })
	if resp := soon(t, watch); len(resp.Events) != 1 {
		t.Fatalf("the push is not seen: %+v", resp)
	}
	return m
}

// writtenOnce requires that the push stands in the store and in the log, once.
func (m *muffled) writtenOnce(t *testing.T, id string) (revision int64) {
	t.Helper()
	for _, host := range []string{"node-1", "node-2"} {
		kv, log := stored(t, m.others, host), history(t, m.others, host)
		if kv == nil || kv.Version != 1 || len(log) != 1 || log[0].ID != id || log[0].revision != kv.ModRevision {
			t.Errorf("%s: stored %v, log %+v; want one write by %s", host, kv, log, id)
			continue
		}
		revision = kv.ModRevision
	}
	return revision
}

func TestPushWhoseAnswerIsLostIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	m := muffle(t)
	<-m.done
	if m.err != nil {
		t.Fatal(m.err)
	}
	if rev := m.writtenOnce(t, m.result.ID); m.result.Revision != rev || len(m.result.Hosts) != 2 {
		t.Errorf("result %+v, written at %d", m.result, rev)
	}
}

func TestInterruptedPushSaysThatItWasMade(t *testing.T) {
	t.Parallel()
	m := muffle(t)
	m.cancel()
	start := time.Now()
	<-m.done
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("an interrupt took %v", d)
	}
	if m.err != nil {
		t.Fatal(m.err)
	}
	if rev := m.writtenOnce(t, m.result.ID); m.result.Revision != rev {
		t.Errorf("result %+v, written at %d", m.result, rev)
	}
}

func TestPushThatCannotBeReadBackIsOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	m := muffle(t)
	for _, member := range m.c.Members {
		member.Cut()
	}
	m.cancel()
	<-m.done
	var unknown *configpush.UnknownOutcomeError
	if !errors.As(m.err, &unknown) || unknown.Host != "node-1" {
		t.Fatalf("%v", m.err)
	}
	for _, member := range m.c.Members {
		member.Mend()
	}
	m.writtenOnce(t, unknown.ID) // so "nothing written" would have been a lie
}

// shortly is long enough for a push to be sent, and too short for it to turn to
// another member.
const shortly = 500 * time.Millisecond

func TestPushThatMayStillArriveIsOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"out of time": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, shortly)
		},
		"interrupted": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			timer := time.AfterFunc(shortly, cancel)
			return ctx, func() { timer.Stop(); cancel() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 3)
			a := user(t, c.Pool(), "anna@laptop")
			p := a.plan(want("node-1", `{}`))
			asked := c.Members[slices.Index(c.Endpoints(), a.Pool.Preferred().Endpoint())]
			asked.Cut()
			ctx, cancel := end(t.Context())
			defer cancel()
			_, err := a.Push(ctx, p, "")
			// The others tell that it has not happened, and not that it never will.
			var unknown *configpush.UnknownOutcomeError
			if !errors.As(err, &unknown) {
				t.Fatalf("%v", err)
			}
			asked.Mend()
			for _, e := range history(t, c.Client(), "node-1") {
				if e.ID != unknown.ID {
					t.Errorf("entry %+v", e)
				}
			}
		})
	}
}

func TestPushThatWasOvertakenCanNeverArrive(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	anna, bob := user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	p := anna.plan(want("node-1", `{}`))
	faster := bob.push(want("node-1", `{"ttl": 9}`))
	asked := c.Members[slices.Index(c.Endpoints(), anna.Pool.Preferred().Endpoint())]
	asked.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), shortly)
	defer cancel()
	_, err := anna.Push(ctx, p, "")
	// The log entry that it was to write is another push's.
	got := conflictOf(t, err).Conflicts
	if len(got) != 1 || got[0].Author.By != "bob@desk" || got[0].Actual != faster.Revision {
		t.Errorf("%v", got)
	}
	asked.Mend()
	if log := history(t, c.Client(), "node-1"); len(log) != 1 || log[0].ID != faster.ID {
		t.Errorf("log %+v", log)
	}
}

func TestPushThatIsOverBeforeItBeginsWritesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	p := a.plan(want("node-1", `{}`))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Push(over, p, "")
	if !errors.Is(err, context.Canceled) || !contains(err, "nothing written") {
		t.Errorf("%v", err)
	}
	if n := everything(t, cli); n != 0 {
		t.Errorf("%d keys written", n)
	}
}

func TestPushToMembersThatAreGoneWasNeverSent(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	p := user(t, c.Pool(), "anna@laptop").plan(want("node-1", `{}`))
	nowhere := user(t, deadPool(t), "anna@laptop")
	_, err := nowhere.Push(t.Context(), p, "")
	var unreachable *etcd.UnreachableError
	if !errors.As(err, &unreachable) || !contains(err, "refused") || !contains(err, "nothing written") {
		t.Errorf("%v", err)
	}
}

func TestPushOutlivesTheLeadersDeath(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	p := a.plan(want("node-1", `{}`))
	c.Leader().Stop()
	r, err := a.Push(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	kv, log := stored(t, cli, "node-1"), history(t, cli, "node-1")
	if kv.Version != 1 || kv.ModRevision != r.Revision || len(log) != 1 || log[0].ID != r.ID {
		t.Errorf("result %+v, stored %v, log %+v", r, kv, log)
	}
}

func TestPushWithoutQuorumIsOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	a := user(t, c.Pool(), "anna@laptop")
	p := a.plan(want("node-1", `{}`))
	left := c.Leader()
	dead := slices.DeleteFunc(slices.Clone(c.Members), func(m *testcluster.Member) bool { return m == left })
	for _, m := range dead {
		m.Stop()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := a.Push(ctx, p, "")
	var unknown *configpush.UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Fatalf("%v", err)
	}
	dead[0].Start()
	if log := history(t, c.Client(), "node-1"); len(log) > 1 || len(log) == 1 && log[0].ID != unknown.ID {
		t.Errorf("log %+v", log)
	}
}
