package printer

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	kubeyaml "sigs.k8s.io/yaml"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestDocumentsParseWhateverStrangersWrote(t *testing.T) {
	for name, record := range records() {
		var fromJSON, fromYAML any
		if err := json.Unmarshal(withoutHuge(show(t, record, Options{Format: JSON})), &fromJSON); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		doc := withoutHuge(show(t, record, Options{Format: YAML}))
		if err := kubeyaml.UnmarshalStrict(doc, &fromYAML); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
			t.Errorf("%s: YAML says otherwise than JSON (-json +yaml):\n%s", name, diff)
		}
	}
}

// withoutHuge takes out the one number that no float64 can hold.
func withoutHuge(doc []byte) []byte { return []byte(strings.ReplaceAll(string(doc), "1e400", "1e40")) }

func TestStoredNumbersKeepEveryDigit(t *testing.T) {
	numbers := []string{"12345678901234567890", "123456789012345678901234", "1e400", "1E5", "-0", "0.1000", "0.10000000000000000001"}
	list := &model.ConfigList{Items: []model.ConfigItem{{Host: "a", Config: []byte(`{"n":[` + strings.Join(numbers, ",") + `]}`)}}}
	var doc yaml.Node
	if err := yaml.Unmarshal(show(t, list, Options{Format: YAML}), &doc); err != nil {
		t.Fatal(err)
	}
	for i, n := range find(t, &doc, "n").Content {
		if n.Value != numbers[i] || n.Style != 0 {
			t.Errorf("%s became %s in style %d", numbers[i], n.Value, n.Style)
		}
	}
	for _, n := range numbers {
		if out := string(show(t, list, Options{Format: JSON})); !strings.Contains(out, " "+n) {
			t.Errorf("JSON lost %s", n)
		}
	}
}

// TestStringsStayStrings reads with both YAML 1.1 and 1.2 rules.
func TestStringsStayStrings(t *testing.T) {
	texts := []string{"", "yes", "N", "on", "null", "~", "1", "1e5", "1e400", "123456789012e345", "0123e4567", "-0", ".5", "0x1f", "1_000", "12:30", "1:30:45.5",
		"2025-11-21", "2025-11-21T03:40:00Z", "<<", "=", "- a", "a: b", "#", " lead", "trail ", "two\nlines", "!tag", "*alias", "&a", "%", "@", "`", "{}", "[]", "3.7.3"}
	stored, err := json.Marshal(map[string][]string{"s": texts})
	if err != nil {
		t.Fatal(err)
	}
	out := show(t, &model.ConfigList{Items: []model.ConfigItem{{Host: "a", Config: stored}}}, Options{Format: YAML})
	var doc yaml.Node
	if err := yaml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	for _, n := range find(t, &doc, "s").Content {
		if n.Style == 0 && json.Valid([]byte(n.Value)) {
			t.Errorf("%q stands as if it were a number", n.Value)
		}
	}
	readers := map[string]func([]byte, any) error{
		"1.1": func(b []byte, v any) error { return kubeyaml.Unmarshal(b, v) },
		"1.2": yaml.Unmarshal,
	}
	for version, read := range readers {
		var doc struct {
			Items []struct{ Config struct{ S []any } }
		}
		if err := read(out, &doc); err != nil {
			t.Fatal(err)
		}
		for i, got := range doc.Items[0].Config.S {
			if got != texts[i] {
				t.Errorf("YAML %s reads %q as %T %v", version, texts[i], got, got)
			}
		}
	}
}

func find(t *testing.T, n *yaml.Node, key string) *yaml.Node {
	t.Helper()
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == key {
			return n.Content[i+1]
		}
		if c.Kind != yaml.ScalarNode {
			if found := find(t, c, key); found != nil {
				return found
			}
		}
	}
	return nil
}

func TestConfigListReadsBackAsItWasStored(t *testing.T) {
	want := configList()
	var got model.ConfigList
	if err := json.Unmarshal(show(t, want, Options{Format: JSON}), &got); err != nil {
		t.Fatal(err)
	}
	for i, item := range want.Items {
		var compact strings.Builder
		for field := range strings.FieldsSeq(string(got.Items[i].Config)) {
			compact.WriteString(field)
		}
		stored := strings.Join(strings.Fields(string(item.Config)), "")
		if stored == "" {
			stored = "null"
		}
		if compact.String() != stored {
			t.Errorf("%s: %s, want %s", item.Host, compact.String(), stored)
		}
	}
}

func TestRepeatedKeysDoNotBreakYAML(t *testing.T) {
	list := &model.ConfigList{Items: []model.ConfigItem{{Host: "a", Config: []byte(`{"ttl":5,"ttl":7}`)}}}
	var doc any
	if err := kubeyaml.UnmarshalStrict(show(t, list, Options{Format: YAML}), &doc); err != nil {
		t.Error(err)
	}
}

func TestDeepNestingDoesNotMakeMegabytes(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	list := &model.ConfigList{Items: []model.ConfigItem{{Host: "a", Config: []byte(deep)}}}
	for _, f := range []Format{JSON, YAML} {
		if out := show(t, list, Options{Format: f}); len(out) > 4*len(deep) {
			t.Errorf("%s: %d bytes of %d", f, len(out), len(deep))
		}
	}
}

func TestNumbersThatJSONCannotSayAreLeftOut(t *testing.T) {
	node := model.Node{Name: "a", Age: new(math.NaN()), Metrics: map[string]float64{"cpu": math.Inf(1), "memory": 1}}
	list := nodeList([]model.Node{node})
	var got model.NodeList
	if err := json.Unmarshal(show(t, list, Options{Format: JSON}), &got); err != nil {
		t.Fatal(err)
	}
	if n := got.Items[0]; n.Age != nil || len(n.Metrics) != 1 || len(node.Metrics) != 2 {
		t.Errorf("printed %+v, and the record has %v", n, node.Metrics)
	}
}
