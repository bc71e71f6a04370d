package configpush_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// raceTime is how long two clients push against each other: a minute where
// LONG_TESTS is set.
func raceTime() time.Duration {
	if os.Getenv("LONG_TESTS") != "" {
		return time.Minute
	}
	return 3 * time.Second
}

// counter is a config that each push counts on from.
type counter struct {
	N  int    `json:"n"`
	By string `json:"by"`
}

// racer counts on from whatever is stored, again and again.
type racer struct {
	*admin
	acknowledged map[int64]counter // by revision
	conflicts    int
	unknown      int
}

func (r *racer) run(until time.Time) error {
	for time.Now().Before(until) {
		if err := r.countOn(); err != nil {
			return err
		}
	}
	return nil
}

func (r *racer) countOn() error {
	items, err := r.Get(r.Context(), []string{"node-1", "node-2"})
	if err != nil {
		return err
	}
	var wanted []configpush.Wanted
	var next counter
	for _, item := range items {
		var now counter
		if item.Revision > 0 {
			if err := json.Unmarshal(item.Config, &now); err != nil {
				return err
			}
		}
		next = counter{now.N + 1, r.By}
		value, err := json.Marshal(next)
		if err != nil {
			return err
		}
		wanted = append(wanted, configpush.Wanted{Host: item.Host, JSON: value, Base: &item.Revision})
	}
	var conflict *configpush.ConflictError
	var unknown *configpush.UnknownOutcomeError
	plan, err := r.Plan(r.Context(), wanted)
	if err == nil {
		var result *configpush.Result
		if result, err = r.Push(r.Context(), plan, ""); err == nil {
			r.acknowledged[result.Revision] = next
			return nil
		}
	}
	switch {
	case errors.As(err, &conflict):
		r.conflicts++
	case errors.As(err, &unknown):
		r.unknown++
	default:
		return err
	}
	return nil
}

func TestOfTwoClientsThatPushAtOnceNoPushIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cli := c.Client()
	pools := poolsByMember(t, c)
	racers := make([]*racer, 2)
	var racing sync.WaitGroup
	until := time.Now().Add(raceTime())
	for i := range racers {
		racers[i] = &racer{admin: user(t, pools[i], fmt.Sprintf("admin-%d@host", i)), acknowledged: make(map[int64]counter)}
		racing.Go(func() {
			if err := racers[i].run(until); err != nil {
				t.Errorf("%s: %v", racers[i].By, err)
			}
		})
	}
	racing.Wait()

	acknowledged := make(map[int64]counter)
	conflicts, unknown := 0, 0
	for _, r := range racers {
		for revision, value := range r.acknowledged {
			if other, ok := acknowledged[revision]; ok {
				t.Errorf("revision %d acknowledged twice: %v, %v", revision, value, other)
			}
			acknowledged[revision] = value
		}
		conflicts += r.conflicts
		unknown += r.unknown
	}
	t.Logf("%d pushes, %d conflicts, %d unknown", len(acknowledged), conflicts, unknown)
	if conflicts == 0 {
		t.Error("the two never met")
	}

	// What etcd itself has to say, from the start.
	for _, host := range []string{"node-1", "node-2"} {
		given := revisionsOf(t, cli.Client, host)
		found := 0
		for n, g := range given {
			if g.value.N != n+1 {
				t.Fatalf("%s: revision %d counts %d, want %d: a push wrote over one that it had not seen", host, g.revision, g.value.N, n+1)
			}
			if want, ok := acknowledged[g.revision]; ok && want == g.value {
				found++
			}
		}
		if found != len(acknowledged) {
			t.Errorf("%s: of %d acknowledged pushes etcd has %d", host, len(acknowledged), found)
		}
		if len(given)-found > unknown {
			t.Errorf("%s: %d revisions for %d acknowledged pushes and %d unknown ones", host, len(given), len(acknowledged), unknown)
		}
	}
	log := history(t, cli, "node-1")
	if len(log) != configpush.KeptEntries || log[len(log)-1].seq != int64(len(revisionsOf(t, cli.Client, "node-1"))) {
		t.Errorf("log of %d entries, the newest is %+v", len(log), log[len(log)-1])
	}
}

type given struct {
	revision int64
	value    counter
}

// revisionsOf returns every put of a host's config since the store began.
func revisionsOf(t *testing.T, cli *clientv3.Client, host string) []given {
	t.Helper()
	now, err := cli.Get(t.Context(), keys.Config(host))
	if err != nil || len(now.Kvs) == 0 {
		t.Fatalf("get config %s: %v, %v", host, now, err)
	}
	var all []given
	watch := cli.Watch(t.Context(), keys.Config(host), clientv3.WithRev(1))
	for len(all) == 0 || all[len(all)-1].revision < now.Kvs[0].ModRevision {
		for _, event := range soon(t, watch).Events {
			var value counter
			if err := json.Unmarshal(event.Kv.Value, &value); err != nil {
				t.Fatal(err)
			}
			all = append(all, given{event.Kv.ModRevision, value})
		}
	}
	return all
}
