// Package keys is the key space: the only place that spells or parses an etcd
// key of kubectl-monitor. It knows names, not values.
package keys

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The prefixes of the key space. Each ends with a slash, so that a prefix never
// covers its neighbour's keys.
const (
	Root            = "/monitor/"
	HeartbeatPrefix = Root + "heartbeat/"
	ConfigPrefix    = Root + "config/"
	ConfigLogPrefix = Root + "config-log/"
	ElectionPrefix  = Root + "election/"
	HostPrefix      = Root + "host/"
	EventPrefix     = Root + "event/"
	DrillPrefix     = Root + "drill/"
	BenchPrefix     = Root + "bench/"
)

// Heartbeat is the key of a host's heartbeat.
func Heartbeat(host string) string { return HeartbeatPrefix + host }

// Config is the key of a host's config; model.DefaultHost names that of every host.
func Config(host string) string { return ConfigPrefix + host }

// ConfigDefault is the key of the config of every host.
func ConfigDefault() string { return Config(model.DefaultHost) }

// ConfigLog is the prefix of a host's config log.
func ConfigLog(host string) string { return ConfigLogPrefix + host + "/" }

// AggregatorElection is the name of the election of the aggregators.
const AggregatorElection = "aggregator"

// Election is the key under which the candidates of an election have theirs. A
// name is a single path segment: the candidates of "a/b" would be contenders in
// the election "a" too.
func Election(name string) string { return ElectionPrefix + name }

// Candidates is the prefix of the keys of an election's candidates.
func Candidates(name string) string { return Election(name) + "/" }

// Roster is the key of what is remembered of a host.
func Roster(host string) string { return HostPrefix + host }

// Event is the key of an event.
func Event(seq int64) string { return numbered(EventPrefix, seq) }

// Summary is the key of the leading aggregator's summary.
func Summary() string { return Root + "summary" }

// Drill is the prefix of the keys that one drill writes, by an id of its own.
// They are on a lease.
func Drill(id string) string { return DrillPrefix + id + "/" }

// DrillWrite is the key of a drill's n-th write, 1 for the first.
func DrillWrite(id string, n int64) string { return numbered(Drill(id), n) }

// DrillPermit is the key of the drill that is at work, where one at a time may be.
func DrillPermit() string { return DrillPrefix + "permit" }

// DrillFence is the key that a drill tries to write in the name of a leader that
// leads no more.
func DrillFence(id string) string { return Drill(id) + "fence" }

// Bench is the prefix of the keys that one load generator writes, by an id of its
// own.
func Bench(id string) string { return BenchPrefix + id + "/" }

// BenchKey is the key of a load generator's n-th client, 1 for the first.
func BenchKey(id string, n int64) string { return numbered(Bench(id), n) }

// BenchRun is the key that a load generator has on a lease while it runs.
func BenchRun(id string) string { return Bench(id) + "run" }

// seqDigits is wide enough for any int64, so that keys sort as numbers do.
const seqDigits = 19

// ConfigLogEntry is the key of one entry of a host's config log.
func ConfigLogEntry(host string, seq int64) string { return numbered(ConfigLog(host), seq) }

func numbered(prefix string, seq int64) string {
	return fmt.Sprintf("%s%0*d", prefix, seqDigits, seq)
}

// HeartbeatHost returns the host's name in a heartbeat key. The name is
// returned with the error too: what is under an ill-named key is still shown.
func HeartbeatHost(key string) (string, error) {
	return host(key, HeartbeatPrefix)
}

// ConfigHost returns the host's name in a config key, or model.DefaultHost.
func ConfigHost(key string) (string, error) {
	if key == ConfigDefault() {
		return model.DefaultHost, nil
	}
	return host(key, ConfigPrefix)
}

// RosterHost returns the host's name in a roster key.
func RosterHost(key string) (string, error) {
	return host(key, HostPrefix)
}

// EventSeq returns the number in the key of an event.
func EventSeq(key string) (int64, error) {
	digits, ok := strings.CutPrefix(key, EventPrefix)
	if !ok {
		return 0, fmt.Errorf("key %q is not under %q", key, EventPrefix)
	}
	seq, ok := number(digits)
	if !ok {
		return 0, fmt.Errorf("key %q is no event's", key)
	}
	return seq, nil
}

// number reads what numbered has written behind its prefix.
func number(digits string) (int64, bool) {
	if len(digits) != seqDigits {
		return 0, false
	}
	seq, err := strconv.ParseUint(digits, 10, 63) // of an int64, without a sign
	return int64(seq), err == nil && seq > 0
}

func host(key, prefix string) (string, error) {
	name, ok := strings.CutPrefix(key, prefix)
	if !ok {
		return "", fmt.Errorf("key %q is not under %q", key, prefix)
	}
	return name, model.CheckHost(name)
}

// ConfigLogSeq returns host and sequence number in the key of a log entry. They
// are returned with the error too where it is the host's name that is wrong.
func ConfigLogSeq(key string) (string, int64, error) {
	rest, ok := strings.CutPrefix(key, ConfigLogPrefix)
	if !ok {
		return "", 0, fmt.Errorf("key %q is not under %q", key, ConfigLogPrefix)
	}
	name, digits, ok := strings.Cut(rest, "/")
	if !ok {
		return "", 0, fmt.Errorf("key %q is no entry of a config log", key)
	}
	seq, ok := number(digits)
	if !ok {
		return "", 0, fmt.Errorf("key %q is no entry of a config log", key)
	}
	if name != model.DefaultHost {
		if err := model.CheckHost(name); err != nil {
			return name, seq, fmt.Errorf("key %q: %w", key, err)
		}
	}
	return name, seq, nil
}
