package configpush

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const known = "known: cpu, memory, disk read, disk write, net in, net out, load1, disk used"

func TestInvalidFileIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, data, want string }{
		"empty":            {"c", "", "c: the file is empty"},
		"blank":            {"c", " \r\n\t", "c: the file is empty"},
		"byte order mark":  {"c", "\ufeff", "c: the file is empty"},
		"comments":         {"c.yaml", "# a\n# b\n", "c.yaml: the file holds nothing but comments"},
		"too large":        {"c", strings.Repeat(" ", model.MaxConfigSize+1), "c: the file is larger than 262144 bytes"},
		"NUL":              {"c", "a: 1\nb: \x00", "c: line 2: not a text file: byte 0x00 is not UTF-8 text"},
		"invalid UTF-8":    {"c.json", "{\"a\":\"\xff\"}", "c.json: line 1: not a text file: byte 0xff is not UTF-8 text"},
		"UTF-16":           {"c", "\xff\xfe{\x00}\x00", "c: line 1: not a text file: byte 0xff is not UTF-8 text"},
		"escape character": {"c.yaml", "a: \x1b[31m", "c.yaml: not valid YAML: control characters are not allowed"},

		"string":       {"c", "hello", `c: line 1: a config must be an object, not the string "hello"`},
		"number":       {"c", "10", "c: line 1: a config must be an object, not 10"},
		"null":         {"c", "null", "c: line 1: a config must be an object, not null"},
		"list":         {"c", `[{"interval":1}]`, "c: line 1: a config must be an object, not a list"},
		"every type":   {"c", "{\"interval\":\"10\",\n\"ttl\":null,\n\"metrics\":{}}", "c: 3 problems\n  line 1: interval must be a number, not the string \"10\"\n  line 2: ttl must be a number, not null\n  line 3: metrics must be a list of names, not an object"},
		"more types":   {"c", "interval: [1]\nttl: true\nmetrics: cpu\n", "c: 3 problems\n  line 1: interval must be a number, not a list\n  line 2: ttl must be a number, not true\n  line 3: metrics must be a list of names, not the string \"cpu\""},
		"no value":     {"c.yaml", "interval:\n", "c.yaml: line 1: interval must be a number, not empty"},
		"metric types": {"c", `{"metrics":[null,["cpu"]]}`, "c: 2 problems\n  line 1: metrics[0]: a metric must be a name, not null\n  line 1: metrics[1]: a metric must be a name, not a list"},

		"interval":        {"c", `{"interval":3600.1}`, "c: line 1: interval must be 0.1 to 3600 seconds, not 3600.1"},
		"endless":         {"c", `{"interval":1e999}`, "c: line 1: interval must be 0.1 to 3600 seconds, not +Inf"},
		"ttl":             {"c", `{"ttl":1}`, "c: line 1: ttl must be 2 to 600 seconds, not 1"},
		"part of a ttl":   {"c", `{"ttl":2.5}`, "c: line 1: ttl must be whole seconds, not 2.5"},
		"metric":          {"c", `{"metrics":["cpuu"]}`, `c: line 1: metrics[0]: unknown metric "cpuu"; ` + known + `; did you mean "cpu"?`},
		"far-off metric":  {"c", `{"metrics":["gpu temperature"]}`, `c: line 1: metrics[0]: unknown metric "gpu temperature"; ` + known},
		"repeated metric": {"c", `{"metrics":["cpu","memory","cpu"]}`, `c: line 1: metrics[2]: metric "cpu" is listed twice`},
		"infinity":        {"c.yaml", "interval: .inf", "c.yaml: line 1: .inf is not a number that JSON can hold"},
		"not a number":    {"c.yaml", "x:\n- .NaN", "c.yaml: line 2: x[0]: .NaN is not a number that JSON can hold"},
		"octal or not":    {"c.yaml", "interval: 010", "c.yaml: line 1: number 010 is ambiguous: write it without the leading zero"},

		"problems by line":      {"c", "{\"interval\":0,\n\"x\":1,\n\"x\":2}", "c: 2 problems\n  line 1: interval must be 0.1 to 3600 seconds, not 0\n  line 3: duplicate key \"x\", first on line 2"},
		"duplicate key":         {"c", "{\"interval\":1,\n\"interval\":2}", `c: line 2: duplicate key "interval", first on line 1`},
		"duplicate escaped":     {"c", `{"ttl":5,"\u0074tl":5}`, `c: line 1: duplicate key "ttl", first on line 1`},
		"duplicate deep":        {"c", `{"x":[{"y z":{"a":1,"a":1}}]}`, `c: line 1: x[0]["y z"].a: duplicate key "a", first on line 1`},
		"duplicate key of YAML": {"c.yaml", "ttl: 5\nx: 1\n\"ttl\": 6\n", `c.yaml: line 3: duplicate key "ttl", first on line 1`},

		"trailing data":      {"c.json", "{\"interval\":1}\n{}", "c.json: line 2: not valid JSON: invalid character '{' after top-level value"},
		"cut off":            {"c.json", "{\"interval\":\n1", "c.json: line 2: not valid JSON: unexpected end of JSON input"},
		"last byte":          {"c.json", "{\"interval\":\n}", "c.json: line 2: not valid JSON: invalid character '}' looking for beginning of value"},
		"line in a string":   {"c.json", "{\"x\":\"a\nb\"}", "c.json: line 1: not valid JSON: invalid character '\\n' in string literal"},
		"YAML named JSON":    {"c.json", "interval: 1", "c.json: line 1: not valid JSON: invalid character 'i' looking for beginning of value"},
		"broken on stdin":    {"-", "{\"interval\": 1", "-: line 1: not valid JSON: unexpected end of JSON input"},
		"YAML scanner":       {"c.yaml", "ttl: 5\nx: y: z", "c.yaml: line 2: not valid YAML: mapping values are not allowed in this context"},
		"YAML parser":        {"c.yaml", "ttl: 5\nx: [1,\n2}\n", "c.yaml: line 2: not valid YAML: did not find expected ',' or ']'"},
		"YAML first line":    {"c.yaml", "a: b: c\n", "c.yaml: line 1: not valid YAML: mapping values are not allowed in this context"},
		"YAML cut off":       {"c.yaml", "a: [1", "c.yaml: line 1: not valid YAML: did not find expected ',' or ']'"},
		"YAML tab":           {"c.yaml", "x:\n\ty: 1\n", "c.yaml: line 2: not valid YAML: found character that cannot start any token"},
		"two documents":      {"c.yaml", "ttl: 5\n---\nttl: 6\n", "c.yaml: line 2: a second YAML document begins here; only one is allowed"},
		"broken second":      {"c.yaml", "ttl: 5\n---\nx: y: z\n", "c.yaml: line 3: not valid YAML: mapping values are not allowed in this context"},
		"alias":              {"c.yaml", "a: &x 1\nb: *x\n", "c.yaml: 2 problems\n  line 1: YAML anchors and aliases are not allowed: write the value out\n  line 2: YAML anchors and aliases are not allowed: write the value out"},
		"unknown alias":      {"c.yaml", "a: 1\nb: *x\n", "c.yaml: not valid YAML: unknown anchor 'x' referenced"},
		"alias of itself":    {"c.yaml", "a: &x [*x]\n", "c.yaml: line 1: YAML anchors and aliases are not allowed: write the value out"},
		"merge key":          {"c.yaml", "ttl: 5\n<<: {interval: 1}\n", "c.yaml: line 2: YAML merge keys (<<) are not allowed: write the fields out"},
		"tag":                {"c.yaml", "ttl: !!int \"5\"\n", "c.yaml: line 1: YAML tags such as !!int are not allowed"},
		"keys not strings":   {"c.yaml", "1: a\ntrue: a\n? [a]\n: b\n", "c.yaml: 3 problems\n  line 1: a key must be a string: write \"1\" in quotes\n  line 2: a key must be a string: write \"true\" in quotes\n  line 3: a key must be a string"},
		"deep JSON":          {"c.json", "{\"x\":\n" + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "}", "c.json: line 2: values nest more than 64 levels deep"},
		"deep YAML":          {"c.yaml", "x:\n" + strings.Repeat("- ", 63) + "1", "c.yaml: line 2: x" + strings.Repeat("[0]", 63) + ": values nest more than 64 levels deep"},
		"too large as JSON":  {"c.yaml", "x: \"" + strings.Repeat(`\x01`, 50_000) + `"`, "c.yaml: line 1: config has 300008 bytes, at most 262144 are read"},
		"nothing but quotes": {"c.yaml", "''", `c.yaml: line 1: a config must be an object, not the string ""`},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := ParseDocument([]byte(c.data), c.file)
			var invalid *InvalidError
			if doc != nil || !errors.As(err, &invalid) {
				t.Fatalf("got %+v and %v, want an InvalidError alone", doc, err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

// A billion laughs, and what else has made a parser take for ever.
func TestBombIsRefusedAtOnce(t *testing.T) {
	laughs := "a: &a [ha, ha]\n"
	for c := 'b'; c <= 'z'; c++ {
		laughs += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "]\n"
	}
	const n = model.MaxConfigSize
	for name, data := range map[string]string{
		"laughs":         laughs,
		"brackets":       strings.Repeat("[", n),
		"braces":         strings.Repeat("{a: ", n/4),
		"dashes":         strings.Repeat("- ", n/2),
		"question marks": strings.Repeat("? ", n/2),
		"flow keys":      strings.Repeat("{?", n/2),
		"colons":         strings.Repeat("{", 9999) + strings.Repeat(":", n-9999),
		"anchors":        strings.Repeat("- &a\n", n/5),
		"same keys":      strings.Repeat("a:\n", n/3),
		"long path":      strings.Repeat("k", n/2) + ": {" + strings.Repeat("a: 1,", n/10-2) + "}",
		"comments":       "a:\n" + strings.Repeat("#\n- 1\n", n/6-1) + "a:\n",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			if _, err := ParseDocument([]byte(data), "c.yaml"); err == nil {
				t.Error("was accepted")
			}
			// Tens of milliseconds; the limit allows for a busy machine.
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
