package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// builtIn is the built-in default as users read it in the documentation.
const builtIn = `{"interval": 10, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`

func TestStoredConfigIsReadFieldByField(t *testing.T) {
	for stored, want := range map[string]Config{
		builtIn: {Interval: new(10.0),
			Metrics: []string{"cpu", "memory", "disk read", "disk write", "net in", "net out"}},
		`{}`:                               {},
		` {"interval" : 0.1 }` + "\n":      {Interval: new(0.1)},
		`{"interval":3600}`:                {Interval: new(3600.0)},
		`{"interval":1e1}`:                 {Interval: new(10.0)},
		`{"ttl":2}`:                        {TTL: new(int64(2))},
		`{"ttl":600.0}`:                    {TTL: new(int64(600))},
		`{"metrics":[]}`:                   {Metrics: []string{}},
		`{"metrics":["gpu",""]}`:           {Metrics: []string{"gpu", ""}}, // unknown ones are skipped, and named, by the agent
		`{"metrics":["b","a","b","a"]}`:    {Metrics: []string{"b", "a"}},
		`{"x":null,"Interval":"a","":[1]}`: {}, // names are case-sensitive, unknown ones pass
		`{"interval":1,"interval":2}`:      {Interval: new(2.0)},
		`{"x":` + strings.Repeat(" ", MaxConfigSize-7) + `1}`: {}, // as large as can be
	} {
		got, err := DecodeConfig([]byte(stored))
		if err != nil {
			t.Errorf("%.80s: %v", stored, err)
			continue
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%.80s (-want +got):\n%s", stored, diff)
		}
	}
}

func TestUnusableConfigIsRefusedForEveryFieldAtOnce(t *testing.T) {
	const (
		interval = "interval must be 0.1 to 3600 seconds, not "
		ttl      = "ttl must be 2 to 600 seconds, not "
	)
	for stored, why := range map[string]string{
		`{"interval":0}`:                            interval + "0",
		`{"interval":-1}`:                           interval + "-1",
		`{"interval":0.0999}`:                       interval + "0.0999",
		`{"interval":3600.1}`:                       interval + "3600.1",
		`{"interval":1e308}`:                        interval + "1e+308",
		`{"interval":1e999}`:                        "interval must be a number",
		`{"interval":"10"}`:                         "interval must be a number",
		`{"interval":[10]}`:                         "interval must be a number",
		`{"interval":true}`:                         "interval must be a number",
		`{"interval":null}`:                         "interval must be a number, not null",
		`{"ttl":1}`:                                 ttl + "1",
		`{"ttl":601}`:                               ttl + "601",
		`{"ttl":-9e18}`:                             ttl + "-9e+18",
		`{"ttl":5.5}`:                               "ttl must be whole seconds, not 5.5",
		`{"ttl":"5"}`:                               "ttl must be a number",
		`{"ttl":1e999}`:                             "ttl must be a number",
		`{"ttl":null}`:                              "ttl must be a number, not null",
		`{"metrics":"cpu"}`:                         "metrics must be a list of names",
		`{"metrics":{"cpu":1}}`:                     "metrics must be a list of names",
		`{"metrics":["cpu",1]}`:                     "metrics must be a list of names",
		`{"metrics":[["cpu"]]}`:                     "metrics must be a list of names",
		`{"metrics":null}`:                          "metrics must be a list of names, not null",
		`{"metrics":["a",null]}`:                    "metrics must be a list of names, without null",
		`{"interval":3,"ttl":""}`:                   "ttl must be a number",
		`{"ttl":1,"metrics":0,"x":0,"interval":""}`: "interval must be a number; metrics must be a list of names; " + ttl + "1",

		`null`:             "not a JSON object: null",
		`{"interval":NaN}`: "not a JSON object: invalid character 'N' looking for beginning of value",
		`{"interval":+1}`:  "not a JSON object: invalid character '+' looking for beginning of value",
		`{"interval":1}{}`: "not a JSON object: invalid character '{' after top-level value",
		`interval: 10`:     "not a JSON object: invalid character 'i' looking for beginning of value",
		"":                 "not a JSON object: unexpected end of JSON input",
		"\x00\xff\x1b[2J":  `not a JSON object: invalid character '\x00' looking for beginning of value`,
		strings.Repeat(" ", MaxConfigSize-1) + "{}": "config has 262145 bytes, at most 262144 are read",
	} {
		got, err := DecodeConfig([]byte(stored))
		if err == nil {
			t.Errorf("%.80q is read as %+v", stored, got)
			continue
		}
		if err.Error() != why {
			t.Errorf("%.80q:\n got %q\nwant %q", stored, err, why)
		}
	}
	for _, stored := range []string{`[]`, `"x"`, `5`, strings.Repeat(`[`, 100_000), `{"x":` + strings.Repeat(`[`, 20_000)} {
		if _, err := DecodeConfig([]byte(stored)); err == nil || !strings.HasPrefix(err.Error(), "not a JSON object: ") {
			t.Errorf("%.20s: error is %v", stored, err)
		}
	}
}

func TestNaNAndInfinityAreOutOfRange(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if err := CheckInterval(v); err == nil || err.Error() != fmt.Sprintf("interval must be 0.1 to 3600 seconds, not %v", v) {
			t.Errorf("interval %v: error is %v", v, err)
		}
		if err := CheckTTL(v); err == nil || err.Error() != fmt.Sprintf("ttl must be 2 to 600 seconds, not %v", v) {
			t.Errorf("ttl %v: error is %v", v, err)
		}
	}
}

func TestBuiltInSettingsAreThoseOfTheDocumentation(t *testing.T) {
	documented, err := DecodeConfig([]byte(builtIn))
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{Interval: 10 * time.Second, TTL: 5 * time.Second,
		Metrics: []string{"cpu", "memory", "disk read", "disk write", "net in", "net out"}}
	if diff := cmp.Diff(want, BuiltIn()); diff != "" {
		t.Errorf("built in (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, Effective(documented, nil)); diff != "" {
		t.Errorf("as documented (-want +got):\n%s", diff)
	}
	BuiltIn().Metrics[0] = "changed"
	if BuiltIn().Metrics[0] != "cpu" {
		t.Error("a caller has changed the built-in settings")
	}
}

func TestEffectiveConfigIsMergedFieldByField(t *testing.T) {
	own := &Config{Interval: new(1.5), Metrics: []string{"cpu"}, TTL: new(int64(3))}
	def := &Config{Interval: new(60.0), Metrics: []string{"memory"}, TTL: new(int64(30))}
	six := BuiltIn().Metrics
	for name, c := range map[string]struct {
		own, def *Config
		want     Settings
	}{
		"none":                  {nil, nil, BuiltIn()},
		"empty":                 {&Config{}, &Config{}, BuiltIn()},
		"own only":              {own, nil, Settings{1500 * time.Millisecond, []string{"cpu"}, 3 * time.Second}},
		"default only":          {nil, def, Settings{time.Minute, []string{"memory"}, 30 * time.Second}},
		"own over default":      {own, def, Settings{1500 * time.Millisecond, []string{"cpu"}, 3 * time.Second}},
		"own interval":          {&Config{Interval: new(0.1)}, def, Settings{100 * time.Millisecond, []string{"memory"}, 30 * time.Second}},
		"own metrics":           {&Config{Metrics: []string{"load1"}}, def, Settings{time.Minute, []string{"load1"}, 30 * time.Second}},
		"own ttl":               {&Config{TTL: new(int64(2))}, def, Settings{time.Minute, []string{"memory"}, 2 * time.Second}},
		"none is not unset":     {&Config{Metrics: []string{}}, def, Settings{time.Minute, []string{}, 30 * time.Second}},
		"each of another place": {&Config{TTL: new(int64(2))}, &Config{Interval: new(1.0)}, Settings{time.Second, six, 2 * time.Second}},
	} {
		if diff := cmp.Diff(c.want, Effective(c.own, c.def)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSettingsAreEqualOnlyInEveryField(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"interval":         func(s *Settings) { s.Interval++ },
		"ttl":              func(s *Settings) { s.TTL++ },
		"one metric less":  func(s *Settings) { s.Metrics = s.Metrics[:5] },
		"order of metrics": func(s *Settings) { s.Metrics[0], s.Metrics[1] = s.Metrics[1], s.Metrics[0] },
	} {
		s := BuiltIn()
		if !s.Equal(BuiltIn()) {
			t.Fatal("settings differ from themselves")
		}
		if change(&s); s.Equal(BuiltIn()) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func TestSecondsRoundToTheNanosecond(t *testing.T) {
	for s, want := range map[float64]time.Duration{
		0.1: 100 * time.Millisecond, 0.3: 300 * time.Millisecond, 1.1: 1100 * time.Millisecond,
		25: 25 * time.Second, 9000: 9000 * time.Second, 6e-10: 1, 4e-10: 0,
	} {
		if got := Seconds(s); got != want {
			t.Errorf("%v s are %v, want %v", s, got, want)
		}
	}
}

// What is read as a config is in range, can be merged, and reads the same when
// it is written again. An error always says something.
func FuzzDecodeConfig(f *testing.F) {
	for _, seed := range []string{builtIn, `{}`, `null`, `{"metrics":[]}`, `{"metrics":["a",null]}`, `{"interval":1e999}`,
		`{"interval":0.1,"ttl":2.0,"x":{}}`, `{"ttl":1e1}`, "\x00", `{"metrics":["\ud800"]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeConfig(data)
		if (err == nil) == (c == nil) || err != nil && err.Error() == "" {
			t.Fatalf("config %v, error %v", c, err)
		}
		if err != nil {
			return
		}
		s := Effective(c, nil)
		if errors.Join(CheckInterval(s.Interval.Seconds()), CheckTTL(s.TTL.Seconds())) != nil {
			t.Errorf("effective settings %+v are out of range", s)
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeConfig(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("%s reads otherwise (-first +again):\n%s", written, diff)
		}
	})
}
