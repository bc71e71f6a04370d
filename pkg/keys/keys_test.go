package keys

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The key space is a contract with every other etcd client.
func TestKeysAreSpeltAsDocumented(t *testing.T) {
	for want, got := range map[string]string{
		"/monitor/heartbeat/node-1":                        Heartbeat("node-1"),
		"/monitor/config/node-1":                           Config("node-1"),
		"/monitor/config/_default":                         ConfigDefault(),
		"/monitor/config-log/node-1/":                      ConfigLog("node-1"),
		"/monitor/config-log/node-1/0000000000000000007":   ConfigLogEntry("node-1", 7),
		"/monitor/config-log/_default/9223372036854775807": ConfigLogEntry(model.DefaultHost, math.MaxInt64),
		"/monitor/config-log/a.b.c-d/0000000000000000032":  ConfigLogEntry("a.b.c-d", 32),
		"/monitor/drill/a1/":                               Drill("a1"),
		"/monitor/drill/a1/0000000000000000007":            DrillWrite("a1", 7),
		"/monitor/drill/permit":                            DrillPermit(),
		"/monitor/drill/a1/fence":                          DrillFence("a1"),
		"/monitor/bench/a1/":                               Bench("a1"),
		"/monitor/bench/a1/0000000000000000007":            BenchKey("a1", 7),
		"/monitor/bench/a1/run":                            BenchRun("a1"),
		"/monitor/":                                        Root,
		"/monitor/heartbeat/":                              HeartbeatPrefix,
		"/monitor/config/":                                 ConfigPrefix,
		"/monitor/config-log/":                             ConfigLogPrefix,
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestKeysComeBackAsTheirNames(t *testing.T) {
	for _, host := range []string{"node-1", "0", "a.b.c", strings.Repeat("a.", 126) + "a"} {
		if got, err := HeartbeatHost(Heartbeat(host)); got != host || err != nil {
			t.Errorf("heartbeat of %q: %q, error %v", host, got, err)
		}
	}
	for _, host := range []string{"node-1", "a.b.c", model.DefaultHost} {
		if got, err := ConfigHost(Config(host)); got != host || err != nil {
			t.Errorf("config of %q: %q, error %v", host, got, err)
		}
		for _, seq := range []int64{1, 32, 1e18, math.MaxInt64} {
			if got, gotSeq, err := ConfigLogSeq(ConfigLogEntry(host, seq)); got != host || gotSeq != seq || err != nil {
				t.Errorf("log entry %d of %q: %q, %d, error %v", seq, host, got, gotSeq, err)
			}
		}
	}
}

func TestLogEntriesSortAsTheirNumbers(t *testing.T) {
	var entries []string
	for _, seq := range []int64{1, 9, 10, 99, 100, 1e9, 1e18, math.MaxInt64} {
		entries = append(entries, ConfigLogEntry("node-1", seq))
	}
	if !slices.IsSorted(entries) {
		t.Errorf("%q is not sorted", entries)
	}
}

// A range over a prefix, or a grant of it, reaches no other kind's or host's keys.
func TestNoPrefixCoversItsNeighboursKeys(t *testing.T) {
	owners := map[string][]string{ // prefix to the keys under it
		HeartbeatPrefix:       {Heartbeat("node"), Heartbeat("node-1")},
		ConfigPrefix:          {Config("node"), Config("node-1"), ConfigDefault()},
		ConfigLog("node"):     {ConfigLogEntry("node", 1)},
		Drill("a"):            {DrillWrite("a", 1), DrillFence("a")},
		Drill("ab"):           {DrillWrite("ab", 1)},
		ConfigLog("node-1"):   {ConfigLogEntry("node-1", 1)},
		ConfigLog("node.a"):   {ConfigLogEntry("node.a", 1)},
		ConfigLog("_default"): {ConfigLogEntry(model.DefaultHost, 1)},
	}
	for prefix := range owners {
		if !strings.HasPrefix(prefix, Root) || !strings.HasSuffix(prefix, "/") {
			t.Errorf("prefix %q is not one under %q", prefix, Root)
		}
		for owner, keys := range owners {
			for _, key := range keys {
				if strings.HasPrefix(key, prefix) != (owner == prefix) {
					t.Errorf("prefix %q and key %q of %q", prefix, key, owner)
				}
			}
		}
	}
}

func TestIllNamedKeysComeBackWithNameAndError(t *testing.T) {
	for _, name := range []string{"", "Node-1", "a/b", "a b", "-", "\x1b[2J", "\xff", "_other", strings.Repeat("a", 254)} {
		if got, err := HeartbeatHost(HeartbeatPrefix + name); got != name || err == nil {
			t.Errorf("heartbeat of %.20q: %.20q, error %v", name, got, err)
		}
		if got, err := ConfigHost(ConfigPrefix + name); got != name || err == nil {
			t.Errorf("config of %.20q: %.20q, error %v", name, got, err)
		}
		if strings.Contains(name, "/") {
			continue // which makes it no entry at all
		}
		got, seq, err := ConfigLogSeq(ConfigLogEntry(name, 7))
		if got != name || seq != 7 || err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("log entry of %.20q: %.20q, %d, error %v", name, got, seq, err)
		}
	}
	if got, err := HeartbeatHost(HeartbeatPrefix + model.DefaultHost); got != model.DefaultHost || err == nil {
		t.Errorf("%q is a host: %q, error %v", model.DefaultHost, got, err)
	}
}

func TestKeysOfAnotherKindAreRefused(t *testing.T) {
	for _, key := range []string{"", "node-1", "/monitor/heartbeat", Config("a"), Root + "heartbeats/a", "x" + Heartbeat("a")} {
		if got, err := HeartbeatHost(key); got != "" || err == nil {
			t.Errorf("%q is a heartbeat of %q", key, got)
		}
	}
	for _, key := range []string{"", "_default", Heartbeat("a"), ConfigLogEntry("a", 1), Root + model.DefaultHost} {
		if got, err := ConfigHost(key); got != "" || err == nil {
			t.Errorf("%q is a config of %q", key, got)
		}
	}
	const digits = "0000000000000000001"
	for _, key := range []string{
		"", "a/" + digits, Config("a"), ConfigLog("a"), ConfigLogPrefix + digits, ConfigLogPrefix + "a", ConfigLog("a") + "1", ConfigLog("a") + "0" + digits,
		ConfigLog("a") + strings.Repeat("0", 19), ConfigLog("a") + "+" + digits[1:], ConfigLog("a") + "-" + digits[1:],
		ConfigLog("a") + "9999999999999999999", ConfigLog("a") + "0x" + digits[2:], ConfigLog("a") + "0_" + digits[2:], ConfigLog("a/b") + digits,
	} {
		if got, seq, err := ConfigLogSeq(key); got != "" || seq != 0 || err == nil {
			t.Errorf("%q is log entry %d of %q", key, seq, got)
		}
	}
}

// Every key that is taken for one of ours is spelt the one way that we spell it.
func FuzzKeysRoundTrip(f *testing.F) {
	for _, seed := range []string{Heartbeat("a"), ConfigDefault(), Config("a.b"), ConfigLogEntry("a", 1), ConfigLog("a") + "+000000000000000001", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if host, err := HeartbeatHost(key); err == nil && Heartbeat(host) != key {
			t.Errorf("%q is taken for the heartbeat of %q", key, host)
		}
		if host, err := ConfigHost(key); err == nil && Config(host) != key {
			t.Errorf("%q is taken for the config of %q", key, host)
		}
		if host, seq, err := ConfigLogSeq(key); err == nil && ConfigLogEntry(host, seq) != key {
			t.Errorf("%q is taken for log entry %d of %q", key, seq, host)
		}
	})
}
