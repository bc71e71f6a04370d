package configpush_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// told is a history in short, a line for each change: revision, author, change.
func (a *admin) told(host string) string {
	a.Helper()
	rows, err := a.History(a.Context(), host)
	if err != nil {
		a.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		by, _, _ := strings.Cut(r.By, "@")
		if r.Seq == 0 {
			by = "?"
		}
		fmt.Fprintf(&b, "%d %s: %s\n", r.Revision, by, r.Change)
	}
	return b.String()
}

func (a *admin) wantTold(host string, lines ...string) {
	a.Helper()
	if d := cmp.Diff(strings.Join(lines, "\n")+"\n", a.told(host)); d != "" {
		a.Error(d)
	}
}

// erase deletes a config as any etcd client would.
func erase(t testing.TB, cli *etcd.Client, host string) {
	t.Helper()
	if _, err := cli.Delete(t.Context(), keys.Config(host)); err != nil {
		t.Fatal(err)
	}
}

func compact(t testing.TB, cli *etcd.Client, revision int64) {
	t.Helper()
	if _, err := cli.Compact(t.Context(), revision); err != nil {
		t.Fatal(err)
	}
}

func line(revision int64, by, change string) string {
	return fmt.Sprintf("%d %s: %s", revision, by, change)
}

func TestHistoryTellsEveryChangeNewestFirst(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	anna, bob := user(t, c.Pool(), "anna@laptop"), user(t, c.Pool(), "bob@desk")
	r1 := anna.push(want("node-1", `{"interval":10,"metrics":["cpu","memory"],"note":{"a":1}}`), want("node-2", `{}`))
	r2 := bob.push(want("node-1", `{"interval": 2, "metrics": [], "ttl": 5}`))
	r3 := bob.push(remove("node-1"))
	r4 := anna.push(want("node-1", `{"ttl": 5}`))
	anna.wantTold("node-1",
		line(r4.Revision, "anna", "created"),
		line(r3.Revision, "bob", "deleted"),
		line(r2.Revision, "bob", `interval 10 -> 2; metrics cpu,memory -> none; ttl 5; note unset`),
		line(r1.Revision, "anna", "created"))
	anna.wantTold("node-2", line(r1.Revision, "anna", "created"))
	if rows, err := anna.History(t.Context(), "node-3"); err != nil || len(rows) != 0 {
		t.Errorf("of a host without any: %v, %v", rows, err)
	}
}

func TestChangesByOtherClientsAreToldAsSuch(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	config := keys.Config("node-1")
	p1 := put(t, cli, config, `{"ttl": 2}`)
	p2 := put(t, cli, config, `{"ttl": 3}`)
	r1 := a.push(want("node-1", `{"ttl": 4}`))
	p3 := put(t, cli, config, `{"ttl": 5}`)
	erase(t, cli, "node-1")
	p4 := put(t, cli, config, `{ "ttl": 6}`)
	p5 := put(t, cli, config, `{"ttl": 6}`)
	r2 := a.push(want("node-1", `{"ttl": 7}`))
	erase(t, cli, "node-1")
	r3 := a.push(want("node-1", `{"ttl": 8}`))
	p6 := put(t, cli, config, `junk`)
	_ = p3 // put and deleted between two of ours: of it etcd tells only by its whole history
	a.wantTold("node-1",
		line(p6, "?", "replaced"),
		line(r3.Revision, "anna", "created"),
		line(0, "?", "deleted"),
		line(r2.Revision, "anna", "ttl 6 -> 7"),
		line(p5, "?", "written otherwise"),
		line(p4, "?", "created"),
		line(0, "?", "deleted"),
		line(r1.Revision, "anna", "ttl 3 -> 4"),
		line(p2, "?", "ttl 2 -> 3"),
		line(p1, "?", "created"))
	erase(t, cli, "node-1")
	if told := a.told("node-1"); !strings.HasPrefix(told, "0 ?: deleted\n") {
		t.Errorf("after another deletion:\n%s", told)
	}
}

func TestChangeByAnotherClientShowsWhenItsValueIsCompacted(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	r1 := a.push(want("node-1", `{"ttl": 4}`))
	put(t, cli, keys.Config("node-1"), `{"ttl": 5}`)
	p := put(t, cli, keys.Config("node-1"), `{"ttl": 6}`)
	r2 := a.push(want("node-1", `{"ttl": 7}`))
	compact(t, cli, r2.Revision)
	a.wantTold("node-1",
		line(r2.Revision, "anna", "changed"),
		line(p, "?", "changed"),
		line(r1.Revision, "anna", "created"))
	rows, err := a.History(t.Context(), "node-1")
	if err != nil || rows[1].Value != nil || *rows[0].Value != `{"ttl": 7}` {
		t.Errorf("values: %+v, %v", rows, err)
	}
}

func TestHistoryStartsWithTheOldestEntryThatIsKept(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	var revisions []int64
	for i := range configpush.KeptEntries + 3 {
		revisions = append(revisions, a.push(want("node-1", fmt.Sprintf(`{"interval": %d}`, i+1))).Revision)
	}
	oldest := func() model.ConfigRevision {
		rows, err := a.History(t.Context(), "node-1")
		if err != nil || len(rows) != configpush.KeptEntries {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return rows[len(rows)-1]
	}
	if row := oldest(); row.Revision != revisions[3] || row.Change != "interval 3 -> 4" {
		t.Errorf("oldest: %+v", row)
	}
	compact(t, cli, revisions[4])
	if row := oldest(); row.Revision != revisions[3] || row.Change != "changed" {
		t.Errorf("oldest, its predecessor compacted: %+v", row)
	}
}

func TestManyChangesByOtherClientsCostABoundedNumberOfReads(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	for i := range 3 * configpush.KeptEntries {
		put(t, cli, keys.Config("node-1"), fmt.Sprintf(`{"interval": %d}`, i+1))
	}
	rows, err := a.History(t.Context(), "node-1")
	if err != nil || len(rows) != configpush.KeptEntries+1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
