package agent

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Applied is a configuration in force. It is never changed once published.
type Applied struct {
	model.Settings
	// Revision is the highest mod revision, deletions included, of the host's own
	// and the default config that is in force.
	Revision int64
	// Error names what could not be applied: of a rejected config, or metrics
	// that this agent does not know.
	Error string
}

// follower keeps the configuration in force in step with etcd. A config that
// cannot be used leaves the last good one in force.
type follower struct {
	host  string
	log   *slog.Logger
	state atomic.Pointer[Applied]
	// changed wakes the sampler: another configuration is in force, or the store is
	// back after it was lost. first is closed after the first look.
	changed chan struct{}
	first   chan struct{}
	// vanished wakes the publisher: its heartbeat key was deleted.
	vanished chan struct{}

	// What the follower's own goroutine knows.
	own, def source
	looked   bool
}

// source is one of the two configs: the last good value and the newest revision.
type source struct {
	good     *model.Config
	applied  int64 // mod revision of good, or of the deletion
	rejected error // why the newest is not in force
}

func newFollower(host string, log *slog.Logger) *follower {
	f := &follower{
		host:     host,
		log:      log,
		changed:  make(chan struct{}, 1),
		first:    make(chan struct{}),
		vanished: make(chan struct{}, 1),
	}
	f.state.Store(&Applied{Settings: model.BuiltIn()})
	return f
}

func (f *follower) current() *Applied { return f.state.Load() }

func (f *follower) waitFirst(ctx context.Context, d time.Duration) {
	select {
	case <-f.first:
	case <-time.After(d):
		f.log.Warn("no configuration could be read yet, going on with the built-in one")
	case <-ctx.Done():
	}
}

func (f *follower) run(ctx context.Context, client *etcd.Client) error {
	ranges := []etcd.Range{
		{Key: keys.Config(f.host)},
		{Key: keys.ConfigDefault()},
		// Should the own heartbeat vanish while its lease lives, it is put again.
		{Key: keys.Heartbeat(f.host), DeletesOnly: true},
	}
	lost := false
	return client.Follow(ctx, ranges, etcd.Follower{
		Latest: true,
		Update: func(u etcd.Update) {
			if lost {
				f.log.Info("the store is back", "revision", u.Revision)
			}
			lost = false
			f.update(u)
		},
		Lost: func(err error) {
			if !lost {
				f.log.Warn("the store cannot be read, going on with the last good configuration", "err", etcd.Reason(err))
			}
			lost = true
		},
	})
}

func (f *follower) update(u etcd.Update) {
	touched := !f.looked
	for _, c := range u.Changes {
		switch c.Key {
		case keys.Config(f.host):
			f.own.apply(c)
			touched = true
		case keys.ConfigDefault():
			f.def.apply(c)
			touched = true
		case keys.Heartbeat(f.host):
			if c.KV == nil {
				wake(f.vanished)
			}
		}
	}
	if touched {
		f.publish()
	}
	if u.Listed && f.looked {
		wake(f.changed) // whatever happened meanwhile: tell the store how the host is
	}
	if !f.looked {
		f.looked = true
		close(f.first)
	}
}

func (s *source) apply(c etcd.Change) {
	if c.KV == nil {
		*s = source{applied: c.Revision}
		return
	}
	good, err := model.DecodeConfig(c.KV.Value)
	if err != nil {
		s.rejected = err
		return
	}
	*s = source{good: good, applied: c.Revision}
}

// publish merges the two configs and puts the result in force.
func (f *follower) publish() {
	next := &Applied{
		Settings: model.Effective(f.own.good, f.def.good),
		Revision: max(f.own.applied, f.def.applied),
	}
	var problems []string
	for _, c := range []struct {
		name string
		source
	}{{f.host, f.own}, {model.DefaultHost, f.def}} {
		if c.rejected != nil {
			problems = append(problems, "config of "+c.name+" rejected: "+c.rejected.Error())
			// A newer good config of the other source must not make this one look applied.
			next.Revision = min(next.Revision, c.applied)
		}
	}
	var unknown []string
	next.Metrics, unknown = split(next.Metrics)
	if len(unknown) > 0 {
		problems = append(problems, "unknown metrics skipped: "+strings.Join(unknown, ", "))
	}
	next.Error = clip(strings.Join(problems, "; "))
	old := f.state.Swap(next)
	f.log.Info("configuration in force", "revision", next.Revision, "interval", next.Interval, "ttl", next.TTL,
		"metrics", next.Metrics, "err", next.Error, "changed", !old.Settings.Equal(next.Settings))
	wake(f.changed)
}

// split parts the metrics that this agent can measure from those it cannot.
func split(names []string) (known, unknown []string) {
	known = make([]string, 0, len(names))
	for _, name := range names {
		if _, ok := model.LookupMetric(name); ok {
			known = append(known, name)
		} else {
			unknown = append(unknown, name)
		}
	}
	return known, unknown
}

// maxErrorText keeps a heartbeat small, whatever a config holds.
const maxErrorText = 500 // bytes

func clip(s string) string {
	if len(s) <= maxErrorText {
		return s
	}
	return strings.ToValidUTF8(s[:maxErrorText], "") + "…"
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // awake already
	}
}
