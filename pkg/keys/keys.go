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
)

// Heartbeat is the key of a host's heartbeat.
func Heartbeat(host string) string { return HeartbeatPrefix + host }

// Config is the key of a host's config; model.DefaultHost names that of every host.
func Config(host string) string { return ConfigPrefix + host }

// ConfigDefault is the key of the config of every host.
func ConfigDefault() string { return Config(model.DefaultHost) }

// ConfigLog is the prefix of a host's config log.
func ConfigLog(host string) string { return ConfigLogPrefix + host + "/" }

// seqDigits is wide enough for any int64, so that keys sort as numbers do.
const seqDigits = 19

// ConfigLogEntry is the key of one entry of a host's config log.
func ConfigLogEntry(host string, seq int64) string {
	return fmt.Sprintf("%s%0*d", ConfigLog(host), seqDigits, seq)
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
	if !ok || len(digits) != seqDigits {
		return "", 0, fmt.Errorf("key %q is no entry of a config log", key)
	}
	seq, err := strconv.ParseUint(digits, 10, 63) // of an int64, without a sign
	if err != nil || seq < 1 {
		return "", 0, fmt.Errorf("key %q is no entry of a config log", key)
	}
	if name != model.DefaultHost {
		if err := model.CheckHost(name); err != nil {
			return name, int64(seq), fmt.Errorf("key %q: %w", key, err)
		}
	}
	return name, int64(seq), nil
}
