package configpush_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

func contains(err error, text string) bool { return strings.Contains(err.Error(), text) }

// conflictOf requires that err is a conflict.
func conflictOf(t *testing.T, err error) *configpush.ConflictError {
	t.Helper()
	var conflict *configpush.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("%v is no conflict", err)
	}
	return conflict
}

func TestOfFiftyConcurrentPushesJustOneSucceeds(t *testing.T) {
	t.Parallel()
	const pushers = 50
	c := testcluster.Start(t, 3)
	cli := c.Client()
	base := put(t, cli, keys.Config("node-1"), `{}`)
	plans := make([]*configpush.Plan, pushers)
	admins := make([]*admin, pushers)
	pools := poolsByMember(t, c)
	for i := range pushers {
		admins[i] = user(t, pools[i%len(pools)], fmt.Sprintf("admin-%d@host", i))
		w := want("node-1", fmt.Sprintf(`{"interval": %d}`, i+1))
		w.Base = &base
		plans[i] = admins[i].plan(w)
	}
	results, errs := make([]*configpush.Result, pushers), make([]error, pushers)
	var all sync.WaitGroup
	for i := range pushers {
		all.Go(func() { results[i], errs[i] = admins[i].Push(t.Context(), plans[i], "") })
	}
	all.Wait()
	winner := slices.IndexFunc(results, func(r *configpush.Result) bool { return r != nil })
	if winner < 0 {
		t.Fatalf("nobody succeeded: %v", errs[0])
	}
	for i, err := range errs {
		if i == winner {
			continue
		}
		if results[i] != nil {
			t.Fatalf("%d and %d have both succeeded", winner, i)
		}
		got := conflictOf(t, err).Conflicts
		if len(got) != 1 || got[0].Author.By != admins[winner].By || got[0].Actual != results[winner].Revision {
			t.Errorf("%d: %v, want a conflict with %s", i, err, admins[winner].By)
		}
	}
	kv, log := stored(t, cli, "node-1"), history(t, cli, "node-1")
	if string(kv.Value) != string(plans[winner].Changes[0].JSON) || kv.ModRevision != results[winner].Revision {
		t.Errorf("stored %s at %d, won by %d", kv.Value, kv.ModRevision, winner)
	}
	if len(log) != 1 || log[0].ID != results[winner].ID {
		t.Errorf("log %+v", log)
	}
}

// poolsByMember returns as many pools as members, each with another one first.
func poolsByMember(t *testing.T, c *testcluster.Cluster) []*etcd.Pool {
	t.Helper()
	eps := c.Endpoints()
	pools := make([]*etcd.Pool, len(eps))
	for i := range pools {
		p, err := etcd.NewPool(etcd.Config{Endpoints: append(slices.Clone(eps[i:]), eps[:i]...)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		pools[i] = p
	}
	return pools
}

func TestConflictOnOneOfManyHostsWritesNoneAndNamesIt(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, anna, bob := c.Client(), user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	p := anna.plan(fleet(300, `{"interval": 1}`)...)
	faster, err := bob.Push(t.Context(), bob.plan(want("node-217", `{"interval": 2}`)), "quieter")
	if err != nil {
		t.Fatal(err)
	}
	before := everything(t, cli)
	_, err = anna.Push(t.Context(), p, "")
	conflict := conflictOf(t, err)
	wanted := []configpush.Conflict{{
		Host: "node-217", Actual: faster.Revision,
		Author: configpush.Author{By: "bob@desk", At: noon, Message: "quieter"},
	}}
	if d := cmp.Diff(wanted, conflict.Conflicts); d != "" {
		t.Error(d)
	}
	if !contains(err, `"node-217"`) || !contains(err, "bob@desk") || !contains(err, "nothing written") {
		t.Errorf("told: %v", err)
	}
	if after := everything(t, cli); after != before {
		t.Errorf("%d keys, before %d", after, before)
	}
	diff := string(conflict.Now.Changes[217].Diff())
	if !strings.Contains(diff, `-  "interval": 2`) || !strings.Contains(diff, `+  "interval": 1`) {
		t.Errorf("the diff is not against what is stored now:\n%s", diff)
	}
	// Whoever has seen that diff may push over it.
	if _, err := anna.Push(t.Context(), conflict.Now, ""); err != nil {
		t.Error(err)
	}
}

func TestConflictWithAnotherKindOfClientNamesNobody(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	a.push(want("put", `{}`), want("deleted", `{}`))
	p := a.plan(want("put", `{"ttl": 9}`), want("deleted", `{"ttl": 9}`))
	put(t, cli, keys.Config("put"), `{"ttl": 3}`)
	if _, err := cli.Delete(t.Context(), keys.Config("deleted")); err != nil {
		t.Fatal(err)
	}
	_, err := a.Push(t.Context(), p, "")
	conflict := conflictOf(t, err)
	if len(conflict.Conflicts) != 2 {
		t.Fatalf("conflicts %v", conflict.Conflicts)
	}
	for _, c := range conflict.Conflicts {
		if c.Author != (configpush.Author{}) || !strings.Contains(c.String(), "unknown client") {
			t.Errorf("%v", c)
		}
	}
	if conflict.Conflicts[1].Actual != 0 {
		t.Errorf("%v", conflict.Conflicts[1])
	}
}

func TestDeletionByAnotherKindOfClientIsNotBlamedOnWhoDeletedBefore(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	a.push(want("node-1", `{}`))
	a.push(remove("node-1"))
	put(t, cli, keys.Config("node-1"), `{"ttl": 3}`)
	p := a.plan(want("node-1", `{"ttl": 9}`))
	if _, err := cli.Delete(t.Context(), keys.Config("node-1")); err != nil {
		t.Fatal(err)
	}
	_, err := a.Push(t.Context(), p, "")
	if got := conflictOf(t, err).Conflicts[0]; got.Author != (configpush.Author{}) {
		t.Errorf("%v", got)
	}
}

func TestBaseIsComparedBeforeAnythingIsShown(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	a := user(t, c.Pool(), "anna@laptop")
	r := a.push(want("node-1", `{}`))
	for base, ok := range map[int64]bool{0: false, r.Revision: true, r.Revision + 1: false} {
		w := want("node-1", `{"ttl": 5}`)
		w.Base = &base
		_, err := a.Plan(t.Context(), []configpush.Wanted{w})
		if (err == nil) != ok {
			t.Errorf("base %d: %v", base, err)
		}
		if !ok && conflictOf(t, err).Now == nil {
			t.Errorf("base %d: no plan of now", base)
		}
	}
	none := int64(0) // must not exist
	w := want("node-2", `{}`)
	w.Base = &none
	a.push(w)
}

func TestConfigThatCameAndWentIsAConflictWithItsAuthor(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, anna, bob := c.Client(), user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	p := anna.plan(want("node-1", `{}`), want("node-2", `{}`))
	bob.push(want("node-2", `{}`))
	bob.push(remove("node-2"))
	_, err := anna.Push(t.Context(), p, "")
	conflict := conflictOf(t, err)
	if len(conflict.Conflicts) != 1 || conflict.Conflicts[0].Host != "node-2" || conflict.Conflicts[0].Author.By != "bob@desk" {
		t.Errorf("%v", err)
	}
	if stored(t, cli, "node-1") != nil {
		t.Error("node-1 was written")
	}
	if _, err := anna.Push(t.Context(), conflict.Now, ""); err != nil {
		t.Errorf("push of the plan of now: %v", err)
	}
}
