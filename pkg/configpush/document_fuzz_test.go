package configpush

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// What is accepted is JSON that an agent takes whole: in range, every metric
// known and none dropped, the bytes of a JSON file untouched.
func FuzzParseDocument(f *testing.F) {
	for _, seed := range []string{
		`{"interval": 10, "metrics": ["cpu", "disk read"], "ttl": 5}`,
		"interval: .5\nmetrics:\n- net in\nttl: 0x9\nx: {y: [1_0, ~, yes]}\n",
		`{"apiVersion":"monitor/v1alpha1","kind":"ConfigList","items":[{"host":"a","revision":1,"config":{"ttl":5}},{"host":"b","config":null}]}`,
		"host: _default\nconfig: {\"a\": \"\\x01<\", b: |\n x\n}\n",
		"a: &x [1]\nb: *x\n<<: {c: 1}\n? [d]\n: .nan\n---\n", "\ufeff# x\r\n{interval: 1,}", "%YAML 1.1\n--- !!map\n{}\n...\n",
	} {
		f.Add([]byte(seed), "c.yaml")
		f.Add([]byte(seed), "c.json")
		f.Add([]byte(seed), "-")
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		doc, err := ParseDocument(data, name)
		if err != nil {
			checkInvalid(t, err)
			return
		}
		if len(doc.Entries) == 0 {
			t.Fatal("accepted, and asks for nothing")
		}
		for _, e := range doc.Entries {
			if e.Host != "" && e.Host != model.DefaultHost && model.CheckHost(e.Host) != nil {
				t.Errorf("accepted host %q", e.Host)
			}
			if e.Delete {
				continue
			}
			checkAccepted(t, e)
			if json.Valid(bytes.TrimPrefix(data, []byte("\ufeff"))) && !bytes.Contains(data, e.JSON) {
				t.Errorf("%q is not in the file", e.JSON)
			}
		}
	})
}

func checkInvalid(t *testing.T, err error) {
	t.Helper()
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
		t.Errorf("error %v lists no problem", err)
	}
}

func checkAccepted(t *testing.T, e Entry) {
	t.Helper()
	again, err := model.DecodeConfig(e.JSON)
	if err != nil {
		t.Fatalf("an agent refuses %q: %v", e.JSON, err)
	}
	if diff := cmp.Diff(e.Config, again); diff != "" {
		t.Errorf("an agent reads %q otherwise (-parsed +agent):\n%s", e.JSON, diff)
	}
	var stored map[string]any
	if err := json.Unmarshal(e.JSON, &stored); err != nil {
		t.Fatal(err)
	}
	if names, _ := stored[fieldMetrics].([]any); len(names) != len(again.Metrics) {
		t.Errorf("metrics %q lists a name twice", names)
	}
	for _, m := range again.Metrics {
		if model.CheckMetric(m) != nil {
			t.Errorf("accepted metric %q", m)
		}
	}
}
