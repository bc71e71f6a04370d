package configpush_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

func (a *admin) rollback(host string, to int64) *configpush.Result {
	a.Helper()
	w, err := a.Rollback(a.Context(), host, to)
	if err != nil {
		a.Fatal(err)
	}
	return a.push(w)
}

func TestRollbackAfterFortyPushesByThreeClientsBringsBackTheOldBytes(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, anna, bob := c.Client(), user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	const pushes = 60 // 40 of ours
	values := make(map[int64]string)
	var revisions []int64
	for i := range pushes {
		value := fmt.Sprintf("{\"n\" :%d.50,\t\"interval\": 1e1, \"a\":\"<\\u0026>\"}", i)
		var revision int64
		switch i % 3 {
		case 0:
			revision = anna.push(want("node-1", value)).Revision
		case 1:
			revision = bob.push(want("node-1", value)).Revision
		case 2:
			revision = put(t, cli, keys.Config("node-1"), value)
		}
		values[revision] = value
		revisions = append(revisions, revision)
	}
	back := func(to int64) {
		t.Helper()
		r := bob.rollback("node-1", to)
		if kv := stored(t, cli, "node-1"); string(kv.Value) != values[to] || kv.ModRevision != r.Revision {
			t.Errorf("rollback to %d stored %q at %d, want %q", to, kv.Value, kv.ModRevision, values[to])
		}
	}
	// Of the log, and of another client's, and of what the log has lost.
	for _, i := range []int{45, 44, 50, 0} {
		back(revisions[i])
	}
	// With etcd's own history gone, the log still has ours.
	head := put(t, cli, keys.Config("node-2"), `{}`)
	compact(t, cli, head)
	back(revisions[54])

	log := history(t, cli, "node-1")
	if len(log) != configpush.KeptEntries {
		t.Errorf("%d entries in the log", len(log))
	}
	for i := 1; i < len(log); i++ {
		if log[i].seq != log[i-1].seq+1 {
			t.Errorf("entry %d follows on %d", log[i].seq, log[i-1].seq)
		}
	}
	if last := log[len(log)-1]; last.seq != 45 || *last.Value != values[revisions[54]] {
		t.Errorf("newest entry: %+v", last)
	}
	// What nobody knows any more is told with what there is.
	_, err := anna.Rollback(t.Context(), "node-1", revisions[2])
	var none *configpush.NoRevisionError
	if !errors.As(err, &none) || !none.Compacted || !slices.Contains(none.Known, revisions[54]) {
		t.Errorf("rollback to what is compacted: %v", err)
	}
}

func TestRollbackToNoConfigIsADeletion(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	a.push(want("node-1", `{}`))
	deleted := a.push(remove("node-1"))
	for _, to := range []int64{deleted.Revision, 0} {
		a.push(want("node-1", `{"ttl": 5}`))
		a.rollback("node-1", to)
		if kv := stored(t, cli, "node-1"); kv != nil {
			t.Errorf("to %d: stored %v", to, kv)
		}
	}
	// Of a deletion by another client, etcd's own history tells.
	a.push(want("node-1", `{"ttl": 5}`))
	resp, err := cli.Delete(t.Context(), keys.Config("node-1"))
	if err != nil {
		t.Fatal(err)
	}
	a.push(want("node-1", `{"ttl": 6}`))
	if w, err := a.Rollback(t.Context(), "node-1", resp.Header.Revision); err != nil || !w.Delete {
		t.Errorf("to another client's deletion: %+v, %v", w, err)
	}
}

func TestRollbackTakesOnlyTheConfigsOwnRevisions(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	before := put(t, cli, keys.Config("node-2"), `{}`)
	first := a.push(want("node-1", `{}`))
	between := put(t, cli, keys.Config("node-2"), `{"ttl": 5}`)
	junk := put(t, cli, keys.Config("node-1"), `{"interval": "fast"}`)
	for _, to := range []int64{1, before, between, junk + 1000} {
		_, err := a.Rollback(t.Context(), "node-1", to)
		var none *configpush.NoRevisionError
		if !errors.As(err, &none) || none.Compacted || !slices.Equal(none.Known, []int64{junk, first.Revision}) {
			t.Errorf("to %d: %v", to, err)
		}
	}
	var invalid *configpush.InvalidError
	if _, err := a.Rollback(t.Context(), "node-1", junk); !errors.As(err, &invalid) {
		t.Errorf("to what no agent could use: %v", err)
	}
}
