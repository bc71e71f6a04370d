package local

import (
	"cmp"
	"errors"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Tuning says how fast a cluster notices that a leader is gone. In what is wanted
// of a cluster, a field that is 0 is as recorded.
type Tuning struct {
	// HeartbeatInterval and ElectionTimeout are raft's, in whole milliseconds. They
	// are fixed for the life of the cluster.
	HeartbeatInterval time.Duration `json:"heartbeatInterval"`
	ElectionTimeout   time.Duration `json:"electionTimeout"`
	// LeaderTTL is that of the aggregators' leases, in whole seconds.
	LeaderTTL time.Duration `json:"leaderTTL"`
}

// Limits of the tuning. Two of them are etcd's own (embed.Config.Validate); it
// would tell of them too, but only in the log of a member that does not start.
const (
	heartbeatsPerElection = 5
	maxElectionTimeout    = 50 * time.Second
)

// DefaultTuning is that of a new cluster of which nothing else is wanted.
func DefaultTuning() Tuning {
	return Tuning{
		HeartbeatInterval: 100 * time.Millisecond,
		ElectionTimeout:   time.Second,
		LeaderTTL:         model.DefaultLeaderTTL,
	}
}

// or takes from other what t leaves open.
func (t Tuning) or(other Tuning) Tuning {
	return Tuning{
		HeartbeatInterval: cmp.Or(t.HeartbeatInterval, other.HeartbeatInterval),
		ElectionTimeout:   cmp.Or(t.ElectionTimeout, other.ElectionTimeout),
		LeaderTTL:         cmp.Or(t.LeaderTTL, other.LeaderTTL),
	}
}

// checkFields reports every field that is out of its own range.
func (t Tuning) checkFields() error {
	var problems []error
	for _, f := range []struct {
		name  string
		value time.Duration
	}{{"heartbeat interval", t.HeartbeatInterval}, {"election timeout", t.ElectionTimeout}} {
		if f.value < 0 || f.value%time.Millisecond != 0 {
			problems = append(problems, invalid("%s must be whole milliseconds, 1ms or more, not %v", f.name, f.value))
		}
	}
	if t.ElectionTimeout > maxElectionTimeout {
		problems = append(problems, invalid("election timeout must be at most %v, not %v", maxElectionTimeout, t.ElectionTimeout))
	}
	if t.LeaderTTL != 0 {
		if err := model.CheckTTL(t.LeaderTTL.Seconds()); err != nil {
			problems = append(problems, invalid("leader's %v", err))
		}
	}
	return errors.Join(problems...)
}

// checkFit reports every rule that fields without a fault break together.
func (t Tuning) checkFit() error {
	if least := heartbeatsPerElection * t.HeartbeatInterval; t.ElectionTimeout < least {
		return invalid("election timeout must be at least %d heartbeat intervals, %v, not %v", heartbeatsPerElection, least, t.ElectionTimeout)
	}
	var problems []error
	for _, l := range []struct {
		whose string
		ttl   time.Duration
	}{{"an agent's", model.BuiltIn().TTL}, {"an aggregator's", t.LeaderTTL}} {
		if least := t.shortestLease(); least > l.ttl {
			problems = append(problems, invalid("with an election timeout of %v etcd grants no lease of less than %v (1.5 times as long, in whole seconds), and %s is %v",
				t.ElectionTimeout, least, l.whose, l.ttl))
		}
	}
	return errors.Join(problems...)
}

// shortestLease is what a member makes of any shorter TTL (etcdserver.NewServer,
// minTTL): a leader that is elected late must find the leases still there.
func (t Tuning) shortestLease() time.Duration {
	ticks := int(t.ElectionTimeout / t.HeartbeatInterval)
	exact := time.Duration(3*ticks/2) * t.HeartbeatInterval
	return (exact + time.Second - 1).Truncate(time.Second)
}

// checkFixed reports every field of raft's that differs from a cluster's own.
func (t Tuning) checkFixed(own Tuning) error {
	var problems []error
	for _, f := range []struct {
		name        string
		wanted, own time.Duration
	}{
		{"heartbeat interval", t.HeartbeatInterval, own.HeartbeatInterval},
		{"election timeout", t.ElectionTimeout, own.ElectionTimeout},
	} {
		if f.wanted != 0 && f.wanted != f.own {
			problems = append(problems, fixed(f.name, f.own, f.wanted))
		}
	}
	return errors.Join(problems...)
}
