package roster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/roster"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const dead = `{"first":"2025-11-21T12:00:00Z","state":"Dead","since":"2025-11-21T13:00:00Z","why":"its lease ended","revision":7}`

// store is what a test's cluster holds.
type store struct {
	testing.TB
	*testcluster.Cluster
	pool *etcd.Pool
	cli  *etcd.Client
}

func start(t testing.TB, members int) *store {
	t.Helper()
	c := testcluster.Start(t, members)
	return &store{t, c, c.Pool(), c.Client()}
}

func (s *store) put(key, value string) int64 {
	s.Helper()
	resp, err := s.cli.Put(s.Context(), key, value)
	if err != nil {
		s.Fatal(err)
	}
	return resp.Header.Revision
}

func (s *store) find(host string) roster.Record {
	s.Helper()
	found, err := roster.Find(s.Context(), s.pool, []string{host})
	if err != nil {
		s.Fatal(err)
	}
	return found[0]
}

// keys are all that there are.
func (s *store) keys() []string {
	s.Helper()
	resp, err := s.cli.Get(s.Context(), keys.Root, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		s.Fatal(err)
	}
	var all []string
	for _, kv := range resp.Kvs {
		all = append(all, string(kv.Key))
	}
	return all
}

func TestFindTellsWhatThereIsOfEachHost(t *testing.T) {
	t.Parallel()
	s := start(t, 1)
	at := time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)
	rev := s.put(keys.Roster("node-1"), dead)
	s.put(keys.Config("node-1"), "{}")
	junk := s.put(keys.Roster("node-2"), "junk")
	s.put(keys.Heartbeat("node-2"), "junk")
	s.put(keys.HostPrefix+"Bad_Name", dead)
	var hosts []string
	for i := range 100 { // more than fit in one txn
		hosts = append(hosts, fmt.Sprintf("node-%d", i+1))
	}
	found, err := roster.Find(t.Context(), s.pool, hosts)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]roster.Record, len(hosts))
	for i, host := range hosts {
		want[i].Host = host
	}
	want[0].Revision, want[0].Config = rev, true
	want[0].Entry = &model.RosterEntry{First: at, State: model.NodeDead, Since: at.Add(time.Hour), Why: "its lease ended", Revision: 7}
	want[1].Revision, want[1].Reports = junk, true
	if diff := cmp.Diff(want, found, cmpopts.IgnoreUnexported(model.RosterEntry{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	remembered, err := roster.Hosts(t.Context(), s.pool)
	if err != nil || !slices.Equal(remembered, []string{"node-1", "node-2"}) {
		t.Errorf("remembered %v, %v", remembered, err)
	}
}

func TestForgetRemovesTheEntryAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, 1)
	others := []string{keys.Config("node-1"), keys.ConfigLogEntry("node-1", 1), keys.Event(1), keys.Roster("node-1.a"), keys.Roster("node-10")}
	for _, key := range others {
		s.put(key, dead)
	}
	s.put(keys.Roster("node-1"), dead)
	r := s.find("node-1")
	for range 2 { // the second time it is gone already
		if err := roster.Forget(t.Context(), s.pool, r); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(others)
	if diff := cmp.Diff(others, s.keys()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestWhatHasChangedSinceItWasLookedUpStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(*store)
		reports   bool
	}{
		"the node reports": {func(s *store) { s.put(keys.Heartbeat("node-1"), "{}") }, true},
		"another entry":    {func(s *store) { s.put(keys.Roster("node-1"), dead) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, 1)
			s.put(keys.Roster("node-1"), dead)
			r := s.find("node-1")
			test.meanwhile(s)
			err := roster.Forget(t.Context(), s.pool, r)
			var conflict *roster.ConflictError
			if !errors.As(err, &conflict) || conflict.Host != "node-1" || conflict.Reports != test.reports {
				t.Errorf("%v", err)
			}
			if s.find("node-1").Revision == 0 {
				t.Error("it is forgotten")
			}
		})
	}
}

func TestForgetWhoseAnswerIsLostIsDone(t *testing.T) {
	t.Parallel()
	s := start(t, 3)
	s.put(keys.Roster("node-1"), dead)
	r := s.find("node-1")
	asked := s.Members[slices.Index(s.Endpoints(), s.pool.Preferred().Endpoint())]
	asked.Mute()
	defer asked.Mend()
	if err := roster.Forget(t.Context(), s.pool, r); err != nil {
		t.Fatal(err)
	}
	asked.Mend()
	if left := s.keys(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestForgetThatCannotBeReadBackIsOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := start(t, 3)
	s.put(keys.Roster("node-1"), dead)
	r := s.find("node-1")
	for _, m := range s.Members {
		m.Cut()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err := roster.Forget(ctx, s.pool, r)
	for _, m := range s.Members {
		m.Mend()
	}
	if _, ok := errors.AsType[*etcd.UnsettledError](err); !ok {
		t.Errorf("%v", err)
	}
}

func TestForgetWithoutAStoreWritesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	s := start(t, 1)
	s.put(keys.Roster("node-1"), dead)
	r := s.find("node-1")
	s.Members[0].Stop()
	nowhere, err := etcd.NewPool(etcd.Config{Endpoints: s.Endpoints()})
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	err = roster.Forget(t.Context(), nowhere, r)
	if _, ok := errors.AsType[*etcd.UnreachableError](err); !ok {
		t.Errorf("%v", err)
	}
}
