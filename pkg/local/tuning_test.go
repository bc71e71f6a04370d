//go:build !node && (linux || darwin)

package local

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestTuningThatDoesNotFitIsRefusedWithTheRule(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		tuning Tuning
		want   []string // in the error; none for a tuning that fits
	}{
		"default":                     {},
		"fast":                        {tuning: Tuning{10 * ms, 50 * ms, 2 * time.Second}},
		"the slowest that fits":       {tuning: Tuning{100 * ms, 3300 * ms, 5 * time.Second}},
		"too few heartbeats":          {Tuning{HeartbeatInterval: 201 * ms}, []string{"at least 5 heartbeat intervals, 1.005s, not 1s"}},
		"leases of agents too short":  {Tuning{ElectionTimeout: 3400 * ms, LeaderTTL: time.Minute}, []string{"no lease of less than 6s", "an agent's is 5s"}},
		"lease of leader too short":   {Tuning{ElectionTimeout: 2 * time.Second, LeaderTTL: 2 * time.Second}, []string{"no lease of less than 3s", "an aggregator's is 2s"}},
		"parts of a millisecond":      {Tuning{HeartbeatInterval: 100*ms + 1}, []string{"heartbeat interval must be whole milliseconds"}},
		"negative":                    {Tuning{ElectionTimeout: -1 * ms}, []string{"election timeout must be whole milliseconds, 1ms or more"}},
		"longer than etcd takes":      {Tuning{ElectionTimeout: 51 * time.Second}, []string{"election timeout must be at most 50s"}},
		"parts of a second of a TTL":  {Tuning{LeaderTTL: 2500 * ms}, []string{"leader's ttl must be whole seconds"}},
		"more than one at once":       {Tuning{HeartbeatInterval: -ms, LeaderTTL: time.Hour}, []string{"heartbeat interval", "2 to 600 seconds"}},
		"a lease of both is too long": {Tuning{ElectionTimeout: 4 * time.Second}, []string{"an agent's is 5s", "an aggregator's is 5s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := UpOptions{Tuning: tt.tuning}.Validate()
			if err == nil {
				err = tt.tuning.or(DefaultTuning()).checkFit()
			}
			if len(tt.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if _, ok := errors.AsType[*InvalidError](err); !ok {
				t.Fatalf("it passes: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// The members run with what is recorded: etcd's shortest lease follows from it.
func TestTuningReachesTheMembersAndStays(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	// 7 heartbeats an election; one and a half times as many are 10.
	wanted := Tuning{300 * ms, 2100 * ms, 4 * time.Second}
	mustUpWith(t, c, UpOptions{Members: 1, Tuning: wanted})
	lease, err := client(t, c).Grant(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(lease.TTL) * time.Second; got != 3*time.Second || got != wanted.shortestLease() {
		t.Errorf("etcd's shortest lease is %v, %v was foreseen", got, wanted.shortestLease())
	}

	_, err = c.Up(t.Context(), UpOptions{Tuning: Tuning{HeartbeatInterval: 100 * ms, ElectionTimeout: time.Second}})
	if _, ok := errors.AsType[*InvalidError](err); !ok || !strings.Contains(err.Error(), "heartbeat interval is 300ms") ||
		!strings.Contains(err.Error(), "election timeout is 2.1s") {
		t.Errorf("another tuning: %v", err)
	}
	// What does not fit the recorded rest is refused, and changes nothing.
	if _, err = c.Up(t.Context(), UpOptions{Tuning: Tuning{LeaderTTL: 2 * time.Second}}); err == nil || !strings.Contains(err.Error(), "less than 3s") {
		t.Errorf("a TTL of 2s: %v", err)
	}
	d, err := c.Describe()
	if err != nil || d.Tuning != wanted {
		t.Errorf("recorded is %+v, %v", d.Tuning, err)
	}
	mustUpWith(t, c, UpOptions{Tuning: wanted})
}
