package configpush_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func fields(t testing.TB, args ...string) []configpush.Field {
	t.Helper()
	f, err := configpush.ParseFields(args)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func item(host, config string) model.ConfigItem {
	return model.ConfigItem{Host: host, Revision: 7, Config: json.RawMessage(config)}
}

func TestSetChangesTheNamedFieldsAndNoOtherByte(t *testing.T) {
	tests := map[string]struct {
		stored, want string
		args         []string
	}{
		"first of several":    {`{"interval":10,"ttl":5}`, `{"interval":2,"ttl":5}`, []string{"interval=2"}},
		"odd text":            {odd, "{\"z\": 1.50,\r\n\t\"interval\" :2, \"a\":\"<\\u0026>\", \"x\": 123456789012345678901234567890}", []string{"interval=2"}},
		"same value":          {`{"interval": 2,  "x":[ 1 ]}`, `{"interval": 2,  "x":[ 1 ]}`, []string{"interval=2"}},
		"metrics by commas":   {`{}`, `{"metrics": ["disk read", "cpu"]}`, []string{"metrics=disk read, cpu"}},
		"no metrics":          {`{"metrics":["cpu"]}`, `{"metrics":[]}`, []string{"metrics="}},
		"added, compact":      {`{"x":1}`, `{"x":1,"ttl":5}`, []string{"ttl=5"}},
		"added, spaced":       {`{"x": 1}`, `{"x": 1, "ttl": 5}`, []string{"ttl=5"}},
		"added, lines":        {"{\n  \"x\": 1\n}\n", "{\n  \"x\": 1,\n  \"ttl\": 5\n}\n", []string{"ttl=5"}},
		"added, more lines":   {"{\n \"x\": 1,\n \"y\": 2\n}", "{\n \"x\": 1,\n \"y\": 2,\n \"ttl\": 5\n}", []string{"ttl=5"}},
		"unset first":         {`{"ttl": 5, "x": 1}`, `{"x": 1}`, []string{"ttl-"}},
		"unset last":          {`{"x": 1, "ttl": 5}`, `{"x": 1}`, []string{"ttl-"}},
		"unset middle":        {`{"x": 1, "ttl": 5, "y": {"ttl": 1}}`, `{"x": 1, "y": {"ttl": 1}}`, []string{"ttl-"}},
		"unset only":          {` { "ttl": 5 } `, ` {} `, []string{"ttl-"}},
		"unset what is not":   {`{"x": 1}`, `{"x": 1}`, []string{"ttl-"}},
		"unset unknown field": {`{"x": "}", "ttl": 5}`, `{"ttl": 5}`, []string{"x-"}},
		"unset and set":       {`{"ttl": 5}`, `{"interval": 0.5}`, []string{"ttl-", "interval=0.5"}},
		"repairs":             {`{"interval": "fast"}`, `{"interval": 1}`, []string{"interval=1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wanted, err := configpush.Set([]model.ConfigItem{item("node-1", tt.stored)}, fields(t, tt.args...))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, string(wanted[0].JSON)); d != "" {
				t.Error(d)
			}
			if wanted[0].Base == nil || *wanted[0].Base != 7 || wanted[0].Delete {
				t.Errorf("%+v is not based on what was read", wanted[0])
			}
		})
	}
}

func TestSetMakesAConfigWhereThereIsNone(t *testing.T) {
	stored := []model.ConfigItem{{Host: "node-1"}, item("node-2", `{"ttl": 9}`)}
	wanted, err := configpush.Set(stored, fields(t, "interval=2", "ttl-"))
	if err != nil || string(wanted[0].JSON) != `{"interval": 2}` || *wanted[0].Base != 0 || string(wanted[1].JSON) != `{"interval": 2}` {
		t.Errorf("%+v, %v", wanted, err)
	}
	// Where there is nothing, unsetting makes nothing.
	wanted, err = configpush.Set(stored, fields(t, "ttl-"))
	if err != nil || !wanted[0].Delete || string(wanted[1].JSON) != "{}" {
		t.Errorf("%+v, %v", wanted, err)
	}
}

func TestFieldsThatCannotBeAreAllNamed(t *testing.T) {
	tests := map[string][]string{
		`unknown field "intervall"; known: interval, metrics, ttl; did you mean "interval"?`: {"intervall=2"},
		`"interval" is neither NAME=VALUE nor NAME-`:                                         {"interval"},
		`"-" is neither NAME=VALUE nor NAME-`:                                                {"-"},
		`interval must be a number, not the string "fast"`:                                   {"interval=fast"},
		`interval must be 0.1 to 3600 seconds, not 0`:                                        {"interval=0"},
		`did you mean "memory"?`:                                                             {"metrics=cpu,memroy"},
		`metric "cpu" is listed twice`:                                                       {"metrics=cpu,cpu"},
		`unknown metric ""`:                                                                  {"metrics=cpu,"},
		`ttl must be whole seconds, not 2.5`:                                                 {"ttl=2.5"},
		`ttl is named twice`:                                                                 {"ttl=5", "ttl-"},
		`ttl must be a number`:                                                               {`ttl=5, "x": 1`},
	}
	for want, args := range tests {
		_, err := configpush.ParseFields(args)
		var invalid *configpush.InvalidError
		if !errors.As(err, &invalid) || !contains(err, want) {
			t.Errorf("%q: %v, want %s", args, err, want)
		}
	}
	_, err := configpush.ParseFields([]string{"intervall=2", "metrics=cpus", "ttl=x"})
	var invalid *configpush.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 3 {
		t.Errorf("three problems: %v", err)
	}
}

func TestSetRefusesWhatNobodyCouldMean(t *testing.T) {
	for _, stored := range []string{`[1]`, `"interval: 3"`, `null`, `7`} {
		_, err := configpush.Set([]model.ConfigItem{item("node-1", stored)}, fields(t, "ttl=5"))
		var garbage *configpush.NotObjectError
		if !errors.As(err, &garbage) || garbage.Host != "node-1" {
			t.Errorf("%s: %v", stored, err)
		}
	}
	var invalid *configpush.InvalidError
	// Another field is wrong, or said twice: an apply would refuse it.
	for _, stored := range []string{`{"interval": "fast"}`, `{"x": 1, "x": 2}`} {
		if _, err := configpush.Set([]model.ConfigItem{item("node-1", stored)}, fields(t, "ttl=5")); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", stored, err)
		}
	}
	// A field that none of the configs has is a slip.
	_, err := configpush.Set([]model.ConfigItem{item("node-1", `{}`), {Host: "node-2"}}, fields(t, "intervall-"))
	if !errors.As(err, &invalid) || !contains(err, `did you mean "interval"?`) {
		t.Errorf("unset of an unknown field: %v", err)
	}
	// One bad host among many stops all, and every bad one is named.
	_, err = configpush.Set([]model.ConfigItem{item("node-1", `{}`), item("node-2", `[]`), item("node-3", `1`)}, fields(t, "ttl=5"))
	if err == nil || !contains(err, `"node-2"`) || !contains(err, `"node-3"`) {
		t.Errorf("two bad hosts: %v", err)
	}
}

func FuzzSetKeepsTheOtherFields(f *testing.F) {
	f.Add(odd)
	f.Add(`{"ttl" : 5 , "x" : {"ttl": [1,"}"]}}`)
	f.Add("{\n\t\"a\": \"\\\"{\",\n\t\"ttl\": 1e1\n}")
	f.Fuzz(func(t *testing.T, stored string) {
		wanted, err := configpush.Set([]model.ConfigItem{item("node-1", stored)}, fields(t, "ttl=7"))
		if err != nil {
			return
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal([]byte(stored), &before) != nil {
			t.Fatalf("%q was taken", stored)
		}
		if err := json.Unmarshal(wanted[0].JSON, &after); err != nil {
			t.Fatalf("%q became %q: %v", stored, wanted[0].JSON, err)
		}
		before["ttl"] = after["ttl"]
		if d := cmp.Diff(before, after); d != "" || string(after["ttl"]) != "7" {
			t.Errorf("%q became %q: %s", stored, wanted[0].JSON, d)
		}
	})
}
