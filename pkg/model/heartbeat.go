package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// HeartbeatStatus is what an agent says of itself.
type HeartbeatStatus string

// The statuses that a heartbeat may carry.
const (
	StatusAlive   HeartbeatStatus = "alive"
	StatusLeaving HeartbeatStatus = "leaving" // a clean stop; the lease is about to be revoked
)

// SilenceFactor times the interval is the longest gap between heartbeats that
// an agent promises.
const SilenceFactor = 2.5

// Heartbeat is what an agent keeps under its host's heartbeat key. Status and
// TS alone make a valid one; the rest is what our own agents add.
type Heartbeat struct {
	Status HeartbeatStatus `json:"status"`
	TS     float64         `json:"ts"` // seconds since 1970 by the agent's clock

	Host      string  `json:"host,omitempty"`
	Owner     string  `json:"owner,omitempty"`      // machine id or node UID
	Boot      string  `json:"boot,omitempty"`       // random per agent start
	Seq       uint64  `json:"seq,omitempty"`        // counts the samples of this boot
	Interval  float64 `json:"interval,omitempty"`   // seconds
	Silence   float64 `json:"silence,omitempty"`    // seconds; the longest gap that the agent promises
	TTL       int64   `json:"ttl,omitempty"`        // seconds
	ConfigRev int64   `json:"config_rev,omitempty"` // highest mod revision applied, deletions included
	// ConfigError names what of the config could not be applied.
	ConfigError string             `json:"config_error,omitempty"`
	Version     string             `json:"version,omitempty"`
	Metrics     map[string]float64 `json:"metrics,omitempty"`
	Errors      map[string]string  `json:"errors,omitempty"` // metric name to the reason why it is absent
}

// Time returns the agent's own time of the heartbeat.
func (h *Heartbeat) Time() time.Time {
	sec, frac := math.Modf(h.TS)
	return time.Unix(int64(sec), int64(frac*1e9))
}

// Promised returns the longest gap that the heartbeat itself promises, and
// false where it promises none, as those of foreign agents do.
func (h *Heartbeat) Promised() (time.Duration, bool) {
	switch {
	case h.Silence > 0:
		return Seconds(h.Silence), true
	case h.Interval > 0:
		return Seconds(h.Interval * SilenceFactor), true
	}
	return 0, false
}

// maxTS keeps Time within what time.Time can format (the year 9999).
const maxTS = 253402300799

// sent is a heartbeat as it is read.
type sent struct {
	Heartbeat
	Metrics map[string]reading `json:"metrics"`
}

// reading is a metric's value; of a wrong type, null included, it is none.
type reading struct {
	value float64
	ok    bool
}

func (r *reading) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(string(data), 64)
	*r = reading{v, err == nil}
	return nil
}

// DecodeHeartbeat reads what is under a heartbeat key. Only status and ts must
// be right; an optional field that is of the wrong type or that makes no sense
// is as good as absent, since heartbeats come from agents of every version and
// maker.
func DecodeHeartbeat(data []byte) (*Heartbeat, error) {
	h := new(Heartbeat)
	// Most heartbeats are as ours: only what is not takes the longer way.
	if bytes.Contains(data, null) || json.Unmarshal(data, h) != nil {
		var err error
		if h, err = decodeLeniently(data); err != nil {
			return nil, err
		}
	}
	switch {
	case h.Status == "":
		return nil, errors.New(`no "status"`)
	case h.Status != StatusAlive && h.Status != StatusLeaving:
		return nil, fmt.Errorf("status is neither %q nor %q", StatusAlive, StatusLeaving)
	case h.TS <= 0 || h.TS > maxTS:
		return nil, errors.New(`"ts" is not a time in seconds since 1970`)
	}
	if len(h.Metrics) == 0 {
		h.Metrics = nil
	}
	h.dropSenseless()
	return h, nil
}

var null = []byte("null")

// decodeLeniently leaves out the fields and metrics that are of a wrong type.
func decodeLeniently(data []byte) (*Heartbeat, error) {
	var s sent
	// A field of the wrong type leaves the others as they are.
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &s); err != nil && (!errors.As(err, &mistyped) || mistyped.Field == "") {
		return nil, errors.New("not a JSON object")
	}
	h := s.Heartbeat // a copy, so that what was read beside it is let go
	h.Metrics = values(s.Metrics)
	return &h, nil
}

func (h *Heartbeat) dropSenseless() {
	if h.Silence < 0 || h.Silence > SilenceFactor*MaxInterval {
		h.Silence = 0
	}
	if h.Interval < 0 || h.Interval > MaxInterval {
		h.Interval = 0
	}
	if h.TTL < 0 || h.TTL > MaxTTL {
		h.TTL = 0
	}
	h.ConfigRev = max(0, h.ConfigRev)
}

func values(readings map[string]reading) map[string]float64 {
	if len(readings) == 0 {
		return nil
	}
	kept := make(map[string]float64, len(readings))
	for name, r := range readings {
		if r.ok {
			kept[name] = r.value
		}
	}
	return kept
}
