package model

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full is a heartbeat with every field set.
func full() *Heartbeat {
	return &Heartbeat{
		Status: StatusLeaving, TS: 1763690000.125, Host: "node-1", Owner: "4c4c4544", Boot: "b1", Seq: 1<<64 - 1,
		Interval: 3600, Silence: 9000, TTL: 600, ConfigRev: 1<<63 - 1, ConfigError: "unknown metrics skipped: gpu", Version: "v1",
		Metrics: map[string]float64{"cpu": 12.5, "disk read": 0, "temperature": -40},
		Errors:  map[string]string{"memory": "no such file"},
	}
}

func TestHeartbeatReadsAsItWasWritten(t *testing.T) {
	data, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeHeartbeat(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStatusAndTSAloneMakeAHeartbeat(t *testing.T) {
	for data, want := range map[string]Heartbeat{
		`{"status": "alive", "ts": 1763690000.1}`:      {Status: StatusAlive, TS: 1763690000.1},
		`{"ts":1763690000,"status":"leaving"}`:         {Status: StatusLeaving, TS: 1763690000},
		` {"status":"alive","ts":1.76369e9,"x":{}} `:   {Status: StatusAlive, TS: 1763690000},
		`{"status":"alive","ts":0.001}`:                {Status: StatusAlive, TS: 0.001},
		`{"status":"alive","ts":5,"silence":0.25}`:     {Status: StatusAlive, TS: 5, Silence: 0.25},
		`{"status":"alive","ts":5,"interval":0.1}`:     {Status: StatusAlive, TS: 5, Interval: 0.1},
		`{"status":"alive","ts":253402300799}`:         {Status: StatusAlive, TS: 253402300799},
		`{"status":"alive","ts":5,"host":"\u001b[2J"}`: {Status: StatusAlive, TS: 5, Host: "\x1b[2J"}, // whoever prints it sanitizes
	} {
		got, err := DecodeHeartbeat([]byte(data))
		if err != nil {
			t.Errorf("%s: %v", data, err)
			continue
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
}

func TestWhatIsNoHeartbeatIsRefusedWithTheReason(t *testing.T) {
	const (
		noObject = "not a JSON object"
		noStatus = `no "status"`
		other    = `status is neither "alive" nor "leaving"`
		noTime   = `"ts" is not a time in seconds since 1970`
	)
	for data, why := range map[string]string{
		"": noObject, "alive": noObject, `[]`: noObject, `"alive"`: noObject, `1763690000`: noObject, `true`: noObject,
		`{"status":"alive","ts":1`: noObject, `{"status":"alive","ts":NaN}`: noObject, `{"status":"alive","ts":5}{}`: noObject,
		"\x00\xff\x1b[2J": noObject, strings.Repeat(`{"a":`, 100_000): noObject,

		`null`: noStatus, `{}`: noStatus, `{"ts":5}`: noStatus, `{"status":"","ts":5}`: noStatus, `{"status":null,"ts":5}`: noStatus,
		`{"status":1,"ts":5}`: noStatus, `{"status":["alive"],"ts":5}`: noStatus,
		`{"status":"Alive","ts":5}`: other, `{"status":"dead","ts":5}`: other, `{"status":"alive ","ts":5}`: other,
		`{"status":"` + strings.Repeat("\x7f", 1<<20) + `","ts":5}`: other,

		`{"status":"alive"}`: noTime, `{"status":"alive","ts":null}`: noTime, `{"status":"alive","ts":"5"}`: noTime,
		`{"status":"alive","ts":0}`: noTime, `{"status":"alive","ts":-1}`: noTime, `{"status":"alive","ts":1e999}`: noTime,
		`{"status":"alive","ts":253402300800}`: noTime, `{"status":"alive","ts":1763690000000}`: noTime, // milliseconds
		`{"status":"alive","ts":"2026-01-01T00:00:00Z"}`: noTime,
	} {
		got, err := DecodeHeartbeat([]byte(data))
		if err == nil {
			t.Errorf("%.60q is read as %+v", data, got)
			continue
		}
		if err.Error() != why {
			t.Errorf("%.60q: %q, want %q", data, err, why)
		}
	}
}

func TestSenselessOptionalFieldIsAsGoodAsAbsent(t *testing.T) {
	for field, without := range map[string]func(*Heartbeat){
		`"host":1`: func(h *Heartbeat) { h.Host = "" }, `"owner":{}`: func(h *Heartbeat) { h.Owner = "" },
		`"boot":[]`: func(h *Heartbeat) { h.Boot = "" }, `"version":2`: func(h *Heartbeat) { h.Version = "" },
		`"config_error":true`: func(h *Heartbeat) { h.ConfigError = "" },
		`"seq":-1`:            func(h *Heartbeat) { h.Seq = 0 }, `"seq":1.5`: func(h *Heartbeat) { h.Seq = 0 }, `"seq":"7"`: func(h *Heartbeat) { h.Seq = 0 },
		`"interval":-1`: func(h *Heartbeat) { h.Interval = 0 }, `"interval":3600.1`: func(h *Heartbeat) { h.Interval = 0 },
		`"interval":1e999`: func(h *Heartbeat) { h.Interval = 0 }, `"interval":"10s"`: func(h *Heartbeat) { h.Interval = 0 },
		`"silence":-1`: func(h *Heartbeat) { h.Silence = 0 }, `"silence":9001`: func(h *Heartbeat) { h.Silence = 0 }, `"silence":[]`: func(h *Heartbeat) { h.Silence = 0 },
		`"ttl":-1`: func(h *Heartbeat) { h.TTL = 0 }, `"ttl":601`: func(h *Heartbeat) { h.TTL = 0 },
		`"ttl":9223372036854775807`: func(h *Heartbeat) { h.TTL = 0 }, `"ttl":1e30`: func(h *Heartbeat) { h.TTL = 0 }, `"ttl":5.5`: func(h *Heartbeat) { h.TTL = 0 },
		`"config_rev":-1`: func(h *Heartbeat) { h.ConfigRev = 0 }, `"config_rev":1e30`: func(h *Heartbeat) { h.ConfigRev = 0 }, `"config_rev":"7"`: func(h *Heartbeat) { h.ConfigRev = 0 },
		`"metrics":null`: func(h *Heartbeat) { h.Metrics = nil }, `"metrics":[1]`: func(h *Heartbeat) { h.Metrics = nil }, `"metrics":{}`: func(h *Heartbeat) { h.Metrics = nil },
		`"metrics":{"cpu":12.5,"disk read":0,"temperature":-40,"a":"5","b":null,"c":1e999,"d":{"x":1},"e":[1],"f":true}`: func(*Heartbeat) {},
		`"errors":null`: func(h *Heartbeat) { h.Errors = nil }, `"errors":"memory"`: func(h *Heartbeat) { h.Errors = nil },
		`"errors":{"cpu":5,"memory":"no such file"}`: func(h *Heartbeat) { h.Errors["cpu"] = "" }, // failed, for a reason that cannot be read
	} {
		want := full()
		without(want)
		got, err := DecodeHeartbeat(fullWith(t, field))
		if err != nil {
			t.Errorf("%s: %v", field, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
}

// fullWith is the full heartbeat as JSON with one field replaced.
func fullWith(t *testing.T, field string) []byte {
	t.Helper()
	whole, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	fields := make(map[string]json.RawMessage)
	for _, data := range []string{string(whole), "{" + field + "}"} {
		var some map[string]json.RawMessage
		if err := json.Unmarshal([]byte(data), &some); err != nil {
			t.Fatal(err)
		}
		maps.Copy(fields, some)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestPromisedIsSilenceElseTwoAndAHalfIntervals(t *testing.T) {
	for name, c := range map[string]struct {
		hb       Heartbeat
		want     time.Duration
		promised bool
	}{
		"silence":              {Heartbeat{Silence: 7.5}, 7500 * time.Millisecond, true},
		"short silence":        {Heartbeat{Silence: 0.25}, 250 * time.Millisecond, true},
		"silence and interval": {Heartbeat{Silence: 60, Interval: 10}, time.Minute, true},
		"interval":             {Heartbeat{Interval: 10}, 25 * time.Second, true},
		"short interval":       {Heartbeat{Interval: 0.1}, 250 * time.Millisecond, true},
		"nothing":              {Heartbeat{TTL: 5}, 0, false},
	} {
		if got, promised := c.hb.Promised(); got != c.want || promised != c.promised {
			t.Errorf("%s: %v, %v; want %v, %v", name, got, promised, c.want, c.promised)
		}
	}
}

func TestHeartbeatTimeIsTSInSeconds(t *testing.T) {
	for ts, want := range map[float64]string{
		1763690000:     "2025-11-21T01:53:20Z",
		1763690000.125: "2025-11-21T01:53:20.125Z",
		0.5:            "1970-01-01T00:00:00.5Z",
		maxTS:          "9999-12-31T23:59:59Z",
	} {
		h := Heartbeat{TS: ts}
		if got := h.Time().UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%v is %s, want %s", ts, got, want)
		}
	}
}

// Whatever is under a key is a heartbeat or an error, and a heartbeat holds
// nothing that could not be shown, summed up or written as JSON.
func FuzzDecodeHeartbeat(f *testing.F) {
	for _, seed := range []string{ours, `{"status":"alive","ts":1763690000.1}`, `null`, `[]`, `{"status":"alive","ts":1,"seq":-1}`,
		`{"status":"leaving","ts":1e11,"metrics":{"cpu":null,"a":1e999}}`, `{"STATUS":"alive","Ts":1,"errors":[],"ttl":1e30}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := DecodeHeartbeat(data)
		if (err == nil) == (h == nil) || err != nil && err.Error() == "" {
			t.Fatalf("heartbeat %v, error %v", h, err)
		}
		if err != nil {
			return
		}
		if at := h.Time(); at.Year() < 1970 || at.UTC().Year() > 9999 {
			t.Errorf("its time is %v", at)
		}
		if silence, promised := h.Promised(); silence < 0 || silence > 9000*time.Second || promised != (h.Silence > 0 || h.Interval > 0) {
			t.Errorf("it promises %v, %v", silence, promised)
		}
		if h.TTL < 0 || h.TTL > MaxTTL || h.ConfigRev < 0 {
			t.Errorf("ttl %d, config revision %d", h.TTL, h.ConfigRev)
		}
		written, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeHeartbeat(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if rewritten, err := json.Marshal(again); err != nil || string(rewritten) != string(written) {
			t.Errorf("%s reads as %s, error %v", written, rewritten, err)
		}
	})
}
