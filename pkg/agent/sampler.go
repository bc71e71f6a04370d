package agent

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// sample measures the host once per interval, at once after a change of the
// configuration, and whenever the publisher asks.
func (a *Agent) sample(ctx context.Context) error {
	timer := time.NewTimer(a.prepare(ctx))
	defer timer.Stop()
	var (
		seq   uint64
		known []string // the metrics of the sample before
	)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-a.config.changed:
		case <-a.newest.fresh:
		}
		seq++
		cfg := a.Config()
		start := time.Now()
		hb := a.heartbeat(ctx, cfg, seq)
		if a.newest.put(hb) {
			a.log.Debug("a sample was overtaken by a newer one", "seq", seq)
			a.trace.dropped()
		}
		next := untilNext(start, time.Now(), cfg.Interval, phase(a.id.Host, cfg.Interval))
		if seq > 1 && adds(known, cfg.Metrics) {
			next = min(next, firstWindow) // rates need a second sample: not only after an interval
		}
		known = cfg.Metrics
		timer.Reset(next)
	}
}

// adds reports whether now has a metric that before has not.
func adds(before, now []string) bool {
	return slices.ContainsFunc(now, func(m string) bool { return !slices.Contains(before, m) })
}

// firstWindow is the time that the first values of rates are taken over.
const firstWindow = 250 * time.Millisecond

// prepare takes a first look at the configuration, and a first measurement that
// is not sent: rates need two. It returns how long to wait for the second.
func (a *Agent) prepare(ctx context.Context) time.Duration {
	start := time.Now()
	a.sensors.Sample(ctx, a.Config().Metrics)
	a.config.waitFirst(ctx, configWait)
	select {
	case <-a.config.changed: // the first heartbeat tells of it
	default:
	}
	return firstWindow - time.Since(start)
}

func (a *Agent) heartbeat(ctx context.Context, cfg *Applied, seq uint64) model.Heartbeat {
	reading := a.sensors.Sample(ctx, cfg.Metrics)
	return model.Heartbeat{
		Status:      model.StatusAlive,
		TS:          unixSeconds(time.Now()),
		Host:        a.id.Host,
		Owner:       a.id.Owner,
		Boot:        a.id.Boot,
		Seq:         seq,
		Interval:    cfg.Interval.Seconds(),
		Silence:     cfg.Interval.Seconds() * model.SilenceFactor,
		TTL:         int64(cfg.TTL / time.Second),
		ConfigRev:   cfg.Revision,
		ConfigError: cfg.Error,
		Version:     a.id.Version,
		Metrics:     reading.Metrics,
		Errors:      reading.Errors,
	}
}

// unixSeconds is t in seconds since 1970, to the millisecond.
func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// phase is where in each interval a host's heartbeats lie: spread by the name's
// hash, so that a fleet does not put all of them at once.
func phase(host string, interval time.Duration) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(host))
	return time.Duration(h.Sum64() % uint64(interval))
}

// untilNext is the time to wait from now until the next sample after the one
// begun at start: the next moment of the host's phase, and never more than an
// interval after start.
func untilNext(start, now time.Time, interval, phase time.Duration) time.Duration {
	next := phase - time.Duration(start.UnixNano())%interval
	if next <= 0 {
		next += interval
	}
	return max(0, next-now.Sub(start))
}
