package configpush

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestConfigIsStoredAsItWasWritten(t *testing.T) {
	base := `{"interval": 10, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`
	for name, c := range map[string]struct{ file, data, want string }{
		"base config":         {"c.json", base + "\n", base},
		"bytes of JSON":       {"c.json", " {\"z\": 1.50,\r\n\t\"interval\" :1e1, \"a\":\"<\\u0026>\"} \r\n", "{\"z\": 1.50,\r\n\t\"interval\" :1e1, \"a\":\"<\\u0026>\"}"},
		"byte order mark":     {"c.json", "\ufeff" + `{"interval":1}`, `{"interval":1}`},
		"no field":            {"c.json", `{}`, `{}`},
		"no metrics":          {"c.json", `{"metrics":[]}`, `{"metrics":[]}`},
		"big number":          {"c.json", `{"x":123456789012345678901234567890}`, `{"x":123456789012345678901234567890}`},
		"JSON named YAML":     {"c.yaml", "{\n\t\"interval\": 1.0\n}", "{\n\t\"interval\": 1.0\n}"},
		"kind as a field":     {"c.json", `{"interval":1,"kind":"fast"}`, `{"interval":1,"kind":"fast"}`},
		"YAML block":          {"c.yaml", "# fast\nttl: 5\nmetrics:\n- cpu\n- disk read\ninterval: 1.50\n", `{"ttl":5,"metrics":["cpu","disk read"],"interval":1.50}`},
		"YAML flow on stdin":  {"-", "{interval: 1}", `{"interval":1}`},
		"YAML with CRLF":      {"c.yml", "---\r\ninterval: 1\r\nttl: 5\r\n...\r\n", `{"interval":1,"ttl":5}`},
		"YAML numbers":        {"c.yaml", "a: 0x10\nb: 1_000\nc: +1\nd: .5\ne: -1.50\nf: 1e3\n", `{"a":16,"b":1000,"c":1,"d":0.5,"e":-1.50,"f":1e3}`},
		"YAML words":          {"c.yaml", "a: yes\nb: True\nc: null\nd: ~\ne:\nf: 2024-01-01\ng: '1'\n", `{"a":"yes","b":true,"c":null,"d":null,"e":null,"f":"2024-01-01","g":"1"}`},
		"YAML strings":        {"c.yaml", "a: \"<&>\\n\\x01\"\nb: |\n  x\n  y\n\"<<\": é\n", `{"a":"<&>\n\u0001","b":"x\ny\n","<<":"é"}`},
		"YAML nested unknown": {"c.yaml", "x: {y: [1, {z: true}]}\n", `{"x":{"y":[1,{"z":true}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := ParseDocument([]byte(c.data), c.file)
			if err != nil {
				t.Fatal(err)
			}
			if len(doc.Entries) != 1 || doc.Entries[0].Host != "" || doc.Entries[0].Delete {
				t.Fatalf("got %+v, want one entry without a host", doc.Entries)
			}
			if diff := cmp.Diff(c.want, string(doc.Entries[0].JSON)); diff != "" {
				t.Errorf("stored JSON (-want +got):\n%s", diff)
			}
			if !json.Valid(doc.Entries[0].JSON) {
				t.Error("stored text is not JSON")
			}
		})
	}
}

func TestConfigIsDecoded(t *testing.T) {
	want := &model.Config{Interval: new(0.5), Metrics: []string{"net in", "cpu"}, TTL: new(int64(9))}
	for name, data := range map[string]string{
		"c.json": `{"interval":0.5,"metrics":["net in","cpu"],"ttl":9}`,
		"c.yaml": "interval: .5\nmetrics: [net in, cpu]\nttl: 0x9\n",
	} {
		doc, err := ParseDocument([]byte(data), name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, doc.Entries[0].Config); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestUnknownFieldIsWarnedAbout(t *testing.T) {
	doc, err := ParseDocument([]byte("{\n \"é\":1, \"Intervall\": 5,\n \"owner\": \"me\"}"), "c.json")
	if err != nil {
		t.Fatal(err)
	}
	want := []Problem{
		{2, 2, `["é"]`, `unknown field "é" is stored as it is`},
		{2, 9, "Intervall", `unknown field "Intervall" is stored as it is; did you mean "interval"?`},
		{3, 2, "owner", `unknown field "owner" is stored as it is`},
	}
	if diff := cmp.Diff(want, doc.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestProblemSaysWhereItIs(t *testing.T) {
	for name, data := range map[string]string{
		"c.json": "{\"x\": \"éé\", \"interval\": 0,\r\n  \"metrics\": [\"cpu\",\r\n\t  5]}",
		"c.yaml": "{\"x\": \"éé\", \"interval\": 0,\r\n  \"metrics\": [\"cpu\",\r\n   5]}",
	} {
		_, err := ParseDocument([]byte(data), name)
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Fatalf("got %v, want an InvalidError", err)
		}
		want := []Problem{
			{1, 25, "interval", "interval must be 0.1 to 3600 seconds, not 0"},
			{3, 4, "metrics[1]", "a metric must be a name, not 5"},
		}
		if diff := cmp.Diff(want, invalid.Problems); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReportHasAnEnd(t *testing.T) {
	data := `{"metrics":[` + strings.Repeat("1,", 100_000) + `1]}`
	_, err := ParseDocument([]byte(data), "c.json")
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != maxProblems+1 {
		t.Fatalf("got %v, want %d problems", err, maxProblems+1)
	}
	lines := strings.Split(err.Error(), "\n")
	if lines[0] != "c.json: more than 100 problems" || len(lines) != 1+maxProblems {
		t.Errorf("got %d lines under %q", len(lines)-1, lines[0])
	}
}

func TestMessageDoesNotRepeatTheFile(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, data := range []string{
		`{"metrics":["` + long + `"]}`, `{"interval":"` + long + `"}`, `{"interval":1` + strings.Repeat("0", 100_000) + `}`,
		`{"` + long + `":1,"` + long + `":2}`, `{"` + long + `":{"a":1,"a":2}}`,
		"a: !" + long + " 1", long + ": 1\n<<: 1\n", `{"host":"` + long + `","config":{}}`,
	} {
		_, err := ParseDocument([]byte(data), "c.yaml")
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("%.20s…: error is nil or longer than 500 bytes: %.200v", data, err)
		}
	}
}
