package configpush_test

import (
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestSameIsAskedOfTheMeaningOfJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after string
		same          bool
	}{
		"bytes":             {`{"a":1}`, `{"a":1}`, true},
		"white space":       {`{"a":1}`, "\n{ \"a\" :\t1 }\n", true},
		"order of keys":     {`{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`, true},
		"escapes":           {`{"a":"<"}`, `{"a":"\u003c"}`, true},
		"order of metrics":  {`{"metrics":["cpu","memory"]}`, `{"metrics":["memory","cpu"]}`, false},
		"digits":            {`{"a":1}`, `{"a":1.0}`, false},
		"more than float64": {`{"a":10000000000000000000000001}`, `{"a":10000000000000000000000002}`, false},
		"null is a value":   {`{"a":null}`, `{}`, false},
		"number or text":    {`{"a":1}`, `{"a":"1"}`, false},
		"same garbage":      {`{`, `{`, true},
		"garbage":           {`{`, `{}`, false},
		"two documents":     {`{} {}`, `{}`, false},
		"empty":             {``, `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := configpush.Change{Wanted: want("node-1", c.after), Before: []byte(c.before), BeforeRevision: 1}
			if change.Same() != c.same {
				t.Errorf("same: %v, want %v", change.Same(), c.same)
			}
			if same := len(change.Diff()) == 0; same != c.same {
				t.Errorf("diff:\n%s", change.Diff())
			}
			change.Before, change.BeforeRevision = nil, 0
			if change.Same() {
				t.Error("a new config is said to change nothing")
			}
		})
	}
}

func TestDiffShowsWhatChangesByLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change configpush.Change
		want   string
	}{
		"change": {
			configpush.Change{Wanted: want("n", `{"a":1,"b":3}`), Before: []byte(`{"a":1,"b":2}`), BeforeRevision: 7},
			"diff n (revision 7) n (new)\n--- n (revision 7)\n+++ n (new)\n@@ -1,4 +1,4 @@\n {\n   \"a\": 1,\n-  \"b\": 2\n+  \"b\": 3\n }\n",
		},
		"new": {
			configpush.Change{Wanted: want("n", `{}`)},
			"diff n (no config) n (new)\n--- n (no config)\n+++ n (new)\n@@ -0,0 +1,1 @@\n+{}\n",
		},
		"deleted": {
			configpush.Change{Wanted: remove("n"), Before: []byte(`{}`), BeforeRevision: 7},
			"diff n (revision 7) n (deleted)\n--- n (revision 7)\n+++ n (deleted)\n@@ -1,1 +0,0 @@\n-{}\n",
		},
		"garbage": {
			configpush.Change{Wanted: want("n", `{}`), Before: []byte(`{"a`), BeforeRevision: 7},
			"diff n (revision 7) n (new)\n--- n (revision 7)\n+++ n (new)\n@@ -1,1 +1,1 @@\n-{\"a\n+{}\n",
		},
	} {
		if got := string(c.change.Diff()); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
}

func TestHostNamedTwiceIsRefusedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	nowhere := user(t, deadPool(t), "anna@laptop")
	_, err := nowhere.Plan(t.Context(), []configpush.Wanted{want("node-1", `{}`), want("node-2", `{}`), remove("node-1")})
	if err == nil || !strings.Contains(err.Error(), `"node-1" is named twice`) {
		t.Errorf("plan: %v", err)
	}
}

func TestPlanReadsMoreHostsThanOneTxnTakes(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1, testcluster.MaxTxnOps(128))
	a := user(t, c.Pool(), "anna@laptop")
	const hosts = 150 // 3 reads
	wanted := fleet(hosts, `{}`)
	for start := 0; start < hosts; start += 50 {
		a.push(wanted[start : start+50]...)
	}
	p := a.plan(wanted...)
	for i, change := range p.Changes {
		if change.Host != wanted[i].Host || string(change.Before) != `{}` || change.Author.By != "anna@laptop" {
			t.Fatalf("change %d: %+v", i, change)
		}
	}
	if !p.Same() {
		t.Error("not the same")
	}
}
