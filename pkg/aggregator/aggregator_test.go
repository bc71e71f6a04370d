package aggregator_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/aggregator"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// replica runs an aggregator inside the test until stop, which waits for it.
func replica(t *testing.T, c *testcluster.Cluster, name string) (stop func()) {
	t.Helper()
	a := aggregator.New(aggregator.Config{
		Name: name, Instance: rand.Text(), Version: "test", Listen: "127.0.0.1:0", LeaderTTL: 5 * time.Second,
		Etcd: etcd.Config{Endpoints: c.Endpoints()}, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := a.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s ended with %v", name, err)
		}
	})
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// store is what the tests do to a cluster's keys.
type store struct {
	t      *testing.T
	client *etcd.Client
}

func (s store) alive(hosts ...string) {
	s.t.Helper()
	for _, host := range hosts {
		if _, err := s.client.Put(s.t.Context(), keys.Heartbeat(host), `{"status":"alive","ts":1763690000}`); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s store) gone(hosts ...string) {
	s.t.Helper()
	for _, host := range hosts {
		if _, err := s.client.Delete(s.t.Context(), keys.Heartbeat(host)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// events lists what is written: "joined a".
func (s store) events() []string {
	s.t.Helper()
	resp, err := s.client.Get(s.t.Context(), keys.EventPrefix, clientv3.WithPrefix())
	if err != nil {
		s.t.Fatal(err)
	}
	var told []string
	for _, kv := range resp.Kvs {
		e, err := model.DecodeEvent(kv.Value)
		if err != nil {
			s.t.Fatal(err)
		}
		told = append(told, strings.TrimSpace(string(e.Type)+" "+e.Host+e.Leader))
	}
	return told
}

func (s store) summary() *model.Summary {
	s.t.Helper()
	resp, err := s.client.Get(s.t.Context(), keys.Summary())
	if err != nil {
		s.t.Fatal(err)
	}
	if len(resp.Kvs) == 0 {
		return new(model.Summary)
	}
	found, err := model.DecodeSummary(resp.Kvs[0].Value)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// until waits until the events are these.
func (s store) until(want ...string) {
	s.t.Helper()
	s.wait("the events "+strings.Join(want, ", "), func() bool { return slices.Equal(s.events(), want) })
}

func (s store) wait(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not in 20 s: %s; events: %q; summary: %+v", what, s.events(), s.summary())
		}
	}
}

func TestTheNextLeaderGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	s := store{t, c.Client()}
	s.alive("a", "b")
	stop := replica(t, c, "one")
	s.until("leader one", "joined a", "joined b")
	s.gone("a")
	s.until("leader one", "joined a", "joined b", "died a")
	stop()
	if last := s.summary(); !last.Resigned || last.Counts != (model.RosterCounts{Total: 2, Alive: 1, Dead: 1}) {
		t.Errorf("summary after a clean stop: %+v", last)
	}
	// What happens while nobody leads is not lost.
	s.gone("b")
	s.alive("a")
	replica(t, c, "two")
	s.until("leader one", "joined a", "joined b", "died a", "leader two", "died b", "returned a")
}

func TestAGapIsSaidWhereTheHistoryIsCompacted(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	s := store{t, c.Client()}
	s.alive("a", "b")
	stop := replica(t, c, "one")
	s.until("leader one", "joined a", "joined b")
	stop()
	s.gone("a", "b")
	s.alive("b", "c")
	resp, err := s.client.Get(t.Context(), keys.Summary())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.Compact(t.Context(), resp.Header.Revision); err != nil {
		t.Fatal(err)
	}
	replica(t, c, "two")
	s.until("leader one", "joined a", "joined b", "leader two", "gap", "died a", "joined c")
}

func TestAForgottenNodeIsNotRemembered(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	s := store{t, c.Client()}
	s.alive("a", "b")
	replica(t, c, "one")
	s.until("leader one", "joined a", "joined b")
	s.gone("a")
	s.until("leader one", "joined a", "joined b", "died a")
	if _, err := s.client.Delete(t.Context(), keys.Roster("a")); err != nil {
		t.Fatal(err)
	}
	s.wait("a summary of one node", func() bool { return s.summary().Counts == model.RosterCounts{Total: 1, Alive: 1} })
	s.alive("a")
	s.until("leader one", "joined a", "joined b", "died a", "joined a")
}

// A summary that somebody deletes or garbles costs the leadership and the cursor,
// and no event.
func TestALostSummaryIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]clientv3.Op{
		"deleted": clientv3.OpDelete(keys.Summary()),
		"garbled": clientv3.OpPut(keys.Summary(), "\x00{"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			s := store{t, c.Client()}
			s.alive("a")
			replica(t, c, "one")
			s.until("leader one", "joined a")
			if _, err := s.client.Do(t.Context(), op); err != nil {
				t.Fatal(err)
			}
			s.alive("b")
			s.until("leader one", "joined a", "leader one", "gap", "joined b")
			if got := s.summary(); got.Seq != 5 || got.Term != 2 {
				t.Errorf("summary %+v", got)
			}
		})
	}
}

func TestASecondReplicaServesTheViewAndWaits(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	s := store{t, c.Client()}
	replica(t, c, "one")
	s.until("leader one")
	replica(t, c, "two")
	var addresses []string
	s.wait("two candidates", func() bool {
		resp, err := s.client.Get(t.Context(), keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix())
		if err != nil {
			t.Fatal(err)
		}
		addresses = nil
		for _, kv := range resp.Kvs {
			a, err := model.DecodeAggregator(kv.Value)
			if err != nil {
				t.Fatal(err)
			}
			addresses = append(addresses, a.Address)
		}
		return len(addresses) == 2
	})
	for _, address := range addresses {
		s.wait(address+" is ready", func() bool { return get(t, "http://"+address+"/readyz") == http.StatusOK })
		if got := get(t, "http://"+address+"/api/v1/status"); got != http.StatusOK {
			t.Errorf("status of %s: %d", address, got)
		}
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// Many nodes at once are more than one txn holds.
func TestNodesThatDieAtOnceAreEachToldOnce(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	s := store{t, c.Client()}
	const n = 400
	var put, remove []clientv3.Op
	want := map[string]int{"leader one": 1}
	for i := range n {
		host := fmt.Sprintf("node-%d", i)
		put = append(put, clientv3.OpPut(keys.Heartbeat(host), `{"status":"alive","ts":1763690000}`))
		remove = append(remove, clientv3.OpDelete(keys.Heartbeat(host)))
		want["joined "+host], want["died "+host] = 1, 1
	}
	replica(t, c, "one")
	s.until("leader one")
	for _, ops := range [][]clientv3.Op{put, remove} { // one revision each
		if _, err := s.client.Txn(t.Context()).Then(ops...).Commit(); err != nil {
			t.Fatal(err)
		}
	}
	s.wait("all events", func() bool { return len(s.events()) >= len(want) })
	for _, e := range s.events() {
		want[e]--
	}
	for e, left := range want {
		if left != 0 {
			t.Errorf("%s: %d too few", e, left)
		}
	}
	s.wait("the counts", func() bool { return s.summary().Counts == model.RosterCounts{Total: n, Dead: n} })
}
