package configpush_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestLogTellsWhoDidWhatWhenAndWhy(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, anna, bob := c.Client(), user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	created := anna.push(want("node-1", odd))
	deleted, err := bob.Push(t.Context(), bob.plan(remove("node-1")), "left the <rack>")
	if err != nil {
		t.Fatal(err)
	}
	again := anna.push(want("node-1", `{}`))
	text, empty := odd, `{}`
	wanted := []logged{
		{model.ConfigChange{ID: created.ID, By: "anna@laptop", At: noon, Value: &text}, 1, created.Revision},
		{model.ConfigChange{ID: deleted.ID, By: "bob@desk", At: noon, Message: "left the <rack>", Before: created.Revision, Deleted: true}, 2, deleted.Revision},
		{model.ConfigChange{ID: again.ID, By: "anna@laptop", At: noon, Value: &empty}, 3, again.Revision},
	}
	if d := cmp.Diff(wanted, history(t, cli, "node-1"), cmp.AllowUnexported(logged{})); d != "" {
		t.Error(d)
	}
	if created.ID == deleted.ID || created.ID == again.ID {
		t.Error("two pushes of one id")
	}
}

func TestLogKeepsTheNewestEntriesAndCountsOn(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	const neighbour = "node-10" // its log must not be taken for that of node-1
	a.push(want(neighbour, `{}`))
	const pushes = configpush.KeptEntries + 9
	for i := range pushes {
		a.push(want("node-1", fmt.Sprintf(`{"interval": %d}`, i+1)))
	}
	log := history(t, cli, "node-1")
	if len(log) != configpush.KeptEntries {
		t.Fatalf("%d entries", len(log))
	}
	for i, e := range log {
		seq := int64(pushes - configpush.KeptEntries + i + 1)
		if e.seq != seq || *e.Value != fmt.Sprintf(`{"interval": %d}`, seq) {
			t.Errorf("entry %d: %d with %s, want %d", i, e.seq, *e.Value, seq)
		}
		if i > 0 && e.Before != log[i-1].revision {
			t.Errorf("entry %d replaced revision %d, want %d", e.seq, e.Before, log[i-1].revision)
		}
	}
	if len(history(t, cli, neighbour)) != 1 {
		t.Error("the log of another host was cut")
	}
}

func TestForeignKeyInTheLogIsNamedAndNotCountedOnFrom(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	a.push(want("node-1", `{}`))
	put(t, cli, keys.ConfigLog("node-1")+"zzz", "junk")
	_, err := a.Plan(t.Context(), []configpush.Wanted{want("node-1", `{"ttl": 5}`)})
	if err == nil || !contains(err, keys.ConfigLog("node-1")+"zzz") {
		t.Errorf("plan: %v", err)
	}
	if items, err := a.Get(t.Context(), []string{"node-1"}); err != nil || items[0].Error != "" {
		t.Errorf("get: %+v, %v", items, err)
	}
}
