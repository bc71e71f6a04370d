package configpush

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// printed is what the list of two stored configs is printed as.
func printed(t *testing.T) (asJSON, asYAML []byte) {
	t.Helper()
	list := model.ConfigList{
		TypeMeta: model.NewTypeMeta(model.KindConfigList, "local", time.Unix(1763690000, 0)),
		Items: []model.ConfigItem{
			{Host: model.DefaultHost, Revision: 7, Config: json.RawMessage(`{"interval":10,"note":"on"}`)},
			{Host: "node-1", Revision: 12, Config: json.RawMessage(`{"ttl":5}`)},
			{Host: "node-2"},
		},
	}
	asJSON, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err = yaml.JSONToYAML(asJSON)
	if err != nil {
		t.Fatal(err)
	}
	return asJSON, asYAML
}

func TestPrintedListIsTakenBack(t *testing.T) {
	asJSON, asYAML := printed(t)
	want := &Document{
		Entries: []Entry{
			{Host: model.DefaultHost, Revision: new(int64(7)), JSON: []byte(`{"interval":10,"note":"on"}`), Config: &model.Config{Interval: new(10.0)}},
			{Host: "node-1", Revision: new(int64(12)), JSON: []byte(`{"ttl":5}`), Config: &model.Config{TTL: new(int64(5))}},
			{Host: "node-2", Revision: new(int64(0)), Delete: true},
		},
	}
	for name, data := range map[string][]byte{"c.json": asJSON, "c.yaml": asYAML} {
		got, err := ParseDocument(data, name)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Warnings) != 1 || got.Warnings[0].Path != "items[0].config.note" {
			t.Errorf("%s: warnings %v, want one of note", name, got.Warnings)
		}
		got.Warnings = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestItemAloneIsTaken(t *testing.T) {
	doc, err := ParseDocument([]byte(`{"host":"node-1","revision":3,"config": {"ttl": 5} }`), "c")
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{Host: "node-1", Revision: new(int64(3)), JSON: []byte(`{"ttl": 5}`), Config: &model.Config{TTL: new(int64(5))}}}
	if diff := cmp.Diff(want, doc.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestInvalidListIsRefused(t *testing.T) {
	const head = "apiVersion: monitor/v1alpha1\nkind: ConfigList\n"
	for name, c := range map[string]struct{ data, want string }{
		"another kind":    {"kind: NodeList\napiVersion: monitor/v1alpha1\nitems: [{name: a}]", `c: line 1: kind must be "ConfigList", not the string "NodeList"`},
		"another tool's":  {"apiVersion: apps/v1\nkind: Deployment\n", "c: 2 problems\n  line 1: apiVersion must be \"monitor/v1alpha1\", not the string \"apps/v1\"\n  line 2: kind must be \"ConfigList\", not the string \"Deployment\""},
		"no kind":         {"apiVersion: monitor/v1alpha1\nitems: []", `c: line 1: kind is missing: it must be "ConfigList"`},
		"no items":        {head, "c: line 1: items is missing"},
		"null items":      {head + "items: null", "c: line 3: items must be a list, not null"},
		"empty items":     {head + "items: []", "c: line 3: items is empty: there is nothing to apply"},
		"list of words":   {head + "items: [a]", `c: line 3: items[0]: an item must be an object, not the string "a"`},
		"item of nothing": {head + "items:\n- {}", "c: 2 problems\n  line 4: items[0]: host is missing\n  line 4: items[0]: config is missing"},
		"error in item": {head + "items:\n- {host: a, error: not JSON, config: {}}",
			`c: line 4: items[0].error: what is stored for this host is not a valid config: correct it and remove "error"`},
		"host":        {head + "items:\n- {host: Node-1, config: {}}", `c: line 4: items[0].host: host name "Node-1": only lower case is allowed`},
		"host type":   {head + "items:\n- {host: 5, config: {}}", "c: line 4: items[0].host: host must be a name, not 5"},
		"hosts twice": {head + "items:\n- {host: a, config: {}}\n- {host: a, config: {}}", `c: line 5: items[1].host: duplicate host "a", first on line 4`},
		"revision":    {head + "items:\n- {host: a, revision: 1.5, config: {}}\n- {host: b, revision: -1, config: {}}\n- {host: c, revision: '1', config: {}}", "c: 3 problems\n  line 4: items[0].revision: revision must be a whole number from 0, not 1.5\n  line 5: items[1].revision: revision must be a whole number from 0, not -1\n  line 6: items[2].revision: revision must be a whole number from 0, not the string \"1\""},
		"config type": {head + "items:\n- {host: a, config: '{}'}", `c: line 4: items[0].config: a config must be an object, not the string "{}"`},
		"slipped": {head + "items:\n- host: a\n  config:\n  interval: 1\n",
			"c: line 5: items[0].config: config is empty: write null to delete the host's config"},
		"all configs": {head + "items:\n- host: a\n  config:\n    interval: 0\n- host: b\n  config:\n    metrics: [mem]\n",
			"c: 2 problems\n  line 6: items[0].config.interval: interval must be 0.1 to 3600 seconds, not 0\n  line 9: items[1].config.metrics[0]: unknown metric \"mem\"; " + known},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := ParseDocument([]byte(c.data), "c")
			if doc != nil || err == nil {
				t.Fatalf("got %+v and %v, want an error alone", doc, err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnknownFieldOfAnItemIsWarnedAbout(t *testing.T) {
	doc, err := ParseDocument([]byte(`{"host":"a","config":{"x":1},"revison":3}`), "c")
	if err != nil {
		t.Fatal(err)
	}
	want := []Problem{
		{1, 23, "config.x", `unknown field "x" is stored as it is`},
		{1, 30, "revison", `unknown field "revison" is ignored; did you mean "revision"?`},
	}
	if diff := cmp.Diff(want, doc.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
