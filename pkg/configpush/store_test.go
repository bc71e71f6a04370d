package configpush_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestWhateverIsStoredIsShownAsJSONWithWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	type shown struct {
		config string
		bad    bool
	}
	values := map[string]struct {
		value string
		shown
	}{
		model.DefaultHost: {`{"ttl": 4}`, shown{`{"ttl": 4}`, false}},
		"a-good":          {odd, shown{odd, false}},
		"b-text":          {"no \x1b[2J JSON", shown{`"no \u001b[2J JSON"`, true}},
		"c-binary":        {"\xff\x00\xfe", shown{`"\"\\xff\\x00\\xfe\""`, true}},
		"d-empty":         {"", shown{`""`, true}},
		"e-null":          {"null", shown{"null", true}},
		"f-list":          {"[1]", shown{"[1]", true}},
		"g-range":         {`{"interval": -1}`, shown{`{"interval": -1}`, true}},
		"h-not-utf-8":     {"{\"x\": \"\xff\"}", shown{`"\"{\\\"x\\\": \\\"\\xff\\\"}\""`, true}},
		"Ill Named":       {`{}`, shown{`{}`, true}},
		"":                {`{}`, shown{`{}`, true}},
		"a/b":             {`{}`, shown{`{}`, true}},
		"\xff":            {`{}`, shown{`{}`, true}},
	}
	revisions := make(map[string]int64)
	for host, v := range values {
		revisions[host] = put(t, cli, keys.Config(host), v.value)
	}
	items, err := a.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, it := range items {
		order = append(order, it.Host)
		if d := cmp.Diff(values[it.Host].shown, shown{string(it.Config), it.Error != ""}, cmp.AllowUnexported(shown{})); d != "" {
			t.Errorf("%q (%s): %s", it.Host, it.Error, d)
		}
		if it.Revision != revisions[it.Host] {
			t.Errorf("%q: revision %d, want %d", it.Host, it.Revision, revisions[it.Host])
		}
		if text, err := json.Marshal(it); err != nil || !utf8.Valid(text) {
			t.Errorf("%q cannot be printed: %v", it.Host, err)
		}
	}
	wanted := []string{model.DefaultHost, "", "Ill Named", "a-good", "a/b", "b-text", "c-binary", "d-empty", "e-null", "f-list", "g-range", "h-not-utf-8", "\xff"}
	if d := cmp.Diff(wanted, order); d != "" {
		t.Error(d)
	}
	got, err := a.Get(t.Context(), []string{"c-binary", "nobody", "a-good"})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Error == "" || got[1].Revision != 0 || got[1].Config != nil || got[2].Revision != revisions["a-good"] {
		t.Errorf("got %+v", got)
	}
}

func TestUnreportedNamesTheHostsWithoutAHeartbeat(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1, testcluster.MaxTxnOps(128))
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	var hosts, silent []string
	for i, w := range fleet(130, "") { // more than one read takes
		hosts = append(hosts, w.Host)
		if i%50 == 0 {
			silent = append(silent, w.Host)
			continue
		}
		put(t, cli, keys.Heartbeat(w.Host), `{"status": "alive", "ts": 1763690000.1}`)
	}
	got, err := a.Unreported(t.Context(), hosts)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(silent, got); d != "" {
		t.Error(d)
	}
}
