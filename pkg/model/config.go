package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Limits of a Config's fields; see CheckInterval and CheckTTL.
const (
	MinInterval = 0.1  // seconds
	MaxInterval = 3600 // seconds
	MinTTL      = 2    // seconds; etcd grants no shorter lease with its default election timeout
	MaxTTL      = 600  // seconds

	// MaxConfigSize is the largest config in bytes that is read or written.
	MaxConfigSize = 256 << 10
)

// Config is what is stored for one host, or for every host under the default
// key. A nil field is not set there. Fields that are not known here stay in the
// stored JSON, which is kept beside the Config and never rebuilt from it.
type Config struct {
	Interval *float64 `json:"interval,omitempty"` // seconds between heartbeats
	Metrics  []string `json:"metrics,omitzero"`   // names; nil is not set, empty is none
	TTL      *int64   `json:"ttl,omitempty"`      // seconds; the heartbeat's lease
}

// Settings is a Config in force: every field has a value.
type Settings struct {
	Interval time.Duration
	Metrics  []string
	TTL      time.Duration
}

// BuiltIn returns the settings of a host for which nothing is configured.
func BuiltIn() Settings {
	return Settings{
		Interval: 10 * time.Second,
		Metrics:  MetricNames()[:6],
		TTL:      5 * time.Second,
	}
}

// Effective merges, field by field, a host's own config over the default
// config over the built-in one. Either may be nil.
func Effective(own, def *Config) Settings {
	s := BuiltIn()
	for _, c := range []*Config{def, own} {
		if c == nil {
			continue
		}
		if c.Interval != nil {
			s.Interval = Seconds(*c.Interval)
		}
		if c.Metrics != nil {
			s.Metrics = c.Metrics
		}
		if c.TTL != nil {
			s.TTL = time.Duration(*c.TTL) * time.Second
		}
	}
	return s
}

// Equal reports whether two settings ask the same of an agent.
func (s Settings) Equal(o Settings) bool {
	return s.Interval == o.Interval && s.TTL == o.TTL && slices.Equal(s.Metrics, o.Metrics)
}

// Seconds converts a number of seconds to a duration, rounded to the nanosecond.
func Seconds(s float64) time.Duration {
	return time.Duration(math.Round(s * float64(time.Second)))
}

// CheckInterval says why seconds cannot be an interval, or nil.
func CheckInterval(seconds float64) error {
	if !(seconds >= MinInterval && seconds <= MaxInterval) {
		return fmt.Errorf("interval must be %v to %v seconds, not %v", MinInterval, MaxInterval, seconds)
	}
	return nil
}

// CheckTTL says why seconds cannot be a lease's TTL, or nil.
func CheckTTL(seconds float64) error {
	if !(seconds >= MinTTL && seconds <= MaxTTL) {
		return fmt.Errorf("ttl must be %d to %d seconds, not %v", MinTTL, MaxTTL, seconds)
	}
	if seconds != math.Trunc(seconds) {
		return fmt.Errorf("ttl must be whole seconds, not %v", seconds)
	}
	return nil
}

// CheckMetric says why name is not a metric that an agent can report, or nil.
func CheckMetric(name string) error {
	if _, ok := LookupMetric(name); !ok {
		return fmt.Errorf("unknown metric %q; known: %s", name, strings.Join(MetricNames(), ", "))
	}
	return nil
}

// DecodeConfig reads a stored config as an agent does: unknown fields and
// unknown metrics pass, but a field of the wrong type or out of its range makes
// the whole config unusable. The error names every such field.
func DecodeConfig(data []byte) (*Config, error) {
	if len(data) > MaxConfigSize {
		return nil, fmt.Errorf("config has %d bytes, at most %d are read", len(data), MaxConfigSize)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if fields == nil {
		return nil, errors.New("not a JSON object: null")
	}
	c := new(Config)
	var problems []error
	if raw, ok := fields["interval"]; ok {
		var v float64
		if err := decodeField("interval", "a number", raw, &v); err != nil {
			problems = append(problems, err)
		} else if err := CheckInterval(v); err != nil {
			problems = append(problems, err)
		} else {
			c.Interval = &v
		}
	}
	if raw, ok := fields["metrics"]; ok {
		var names []*string // nil for null, which is no name
		if err := decodeField("metrics", "a list of names", raw, &names); err != nil {
			problems = append(problems, err)
		} else if slices.Contains(names, nil) {
			problems = append(problems, errors.New("metrics must be a list of names, without null"))
		} else {
			c.Metrics = unique(names)
		}
	}
	if raw, ok := fields["ttl"]; ok {
		var v float64
		if err := decodeField("ttl", "a number", raw, &v); err != nil {
			problems = append(problems, err)
		} else if err := CheckTTL(v); err != nil {
			problems = append(problems, err)
		} else {
			ttl := int64(v)
			c.TTL = &ttl
		}
	}
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	return c, nil
}

func decodeField(name, want string, raw json.RawMessage, into any) error {
	if bytes.Equal(raw, []byte("null")) {
		return fmt.Errorf("%s must be %s, not null", name, want)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s must be %s", name, want)
	}
	return nil
}

// unique drops repeated names and keeps the order; an empty list stays non-nil.
func unique(names []*string) []string {
	seen := make(map[string]bool, len(names))
	kept := make([]string, 0, len(names))
	for _, n := range names {
		if !seen[*n] {
			seen[*n] = true
			kept = append(kept, *n)
		}
	}
	return kept
}

func joinProblems(problems []error) error {
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// ConfigChange is one entry of a host's config log, written in the txn of the
// push that it tells of.
type ConfigChange struct {
	ID      string    `json:"id"`                // operation id, random per push
	By      string    `json:"by"`                // user@host of the client
	At      time.Time `json:"at"`                // the client's clock
	Message string    `json:"message,omitempty"` // the admin's words
	Before  int64     `json:"before"`            // mod revision that the push replaced; 0 for none
	// Value is the stored JSON to the byte; nil for a deletion.
	Value   *string `json:"value,omitempty"`
	Deleted bool    `json:"deleted,omitempty"`
}
