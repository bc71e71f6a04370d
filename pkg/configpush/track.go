package configpush

import (
	"context"
	"sync"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Tracker follows heartbeats from before a push, to tell when the agents have
// applied it.
type Tracker struct {
	stop func()
	done sync.WaitGroup

	mu    sync.Mutex
	beats map[string]beat
	// changed is closed and renewed with every update; listed once all is known.
	changed chan struct{}
	listed  chan struct{}
}

// Track follows the heartbeats of hosts, or of all where model.DefaultHost is
// among them, until Close.
func Track(ctx context.Context, client *etcd.Client, hosts []string) *Tracker {
	ctx, cancel := context.WithCancel(ctx)
	t := &Tracker{stop: cancel, beats: make(map[string]beat), changed: make(chan struct{}), listed: make(chan struct{})}
	var ranges []etcd.Range
	for _, host := range hosts {
		if host == model.DefaultHost || len(hosts) > maxTracked {
			ranges = []etcd.Range{{Key: keys.HeartbeatPrefix, Prefix: true}}
			break
		}
		ranges = append(ranges, etcd.Range{Key: keys.Heartbeat(host)})
	}
	t.done.Go(func() { _ = client.Follow(ctx, ranges, etcd.Follower{Update: t.update}) })
	return t
}

// maxTracked is how many hosts are watched one by one, rather than all at once.
const maxTracked = 16

// Close stops following.
func (t *Tracker) Close() {
	t.stop()
	t.done.Wait()
}

func (t *Tracker) update(u etcd.Update) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range u.Changes {
		host, err := keys.HeartbeatHost(c.Key)
		if err != nil {
			continue
		}
		if c.KV == nil {
			delete(t.beats, host)
			continue
		}
		if hb, err := model.DecodeHeartbeat(c.KV.Value); err == nil {
			t.beats[host] = t.beats[host].next(hb, c.Revision, time.Now())
		}
	}
	select {
	case <-t.listed:
	default:
		close(t.listed)
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// Ready waits until the tracker knows all heartbeats: a push made from then on
// is timed rightly.
func (t *Tracker) Ready(ctx context.Context) error {
	select {
	case <-t.listed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait tells report of every host of a push made at start, as soon as its fate
// is known, and returns when all are. When ctx ends first it returns ctx's error
// and the hosts that are still pending.
func (t *Tracker) Wait(ctx context.Context, push *Result, start time.Time, report func(Delivery)) ([]string, error) {
	t.mu.Lock()
	hosts := t.hostsOf(push)
	t.mu.Unlock()
	told := make(map[string]bool)
	for {
		t.mu.Lock()
		changed := t.changed
		var fates []Delivery
		for _, host := range hosts {
			if told[host] {
				continue
			}
			if d := t.fate(host, push.Revision, start); d.State != Pending {
				fates = append(fates, d)
			}
		}
		t.mu.Unlock()
		for _, d := range fates {
			told[d.Host] = true
			report(d)
		}
		if len(told) == len(hosts) {
			return nil, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			var pending []string
			for _, host := range hosts {
				if !told[host] {
					pending = append(pending, host)
				}
			}
			return pending, ctx.Err()
		}
	}
}

// hostsOf returns the hosts that a push concerns: those it names, and every one
// that reports if it changed the default.
func (t *Tracker) hostsOf(push *Result) []string {
	var hosts []string
	seen := make(map[string]bool)
	add := func(host string) {
		if !seen[host] {
			seen[host] = true
			hosts = append(hosts, host)
		}
	}
	for _, host := range push.Hosts {
		if host != model.DefaultHost {
			add(host)
			continue
		}
		for reporting := range t.beats {
			add(reporting)
		}
	}
	return hosts
}

func (t *Tracker) fate(host string, revision int64, start time.Time) Delivery {
	b, ok := t.beats[host]
	if !ok {
		return Delivery{Host: host, State: Absent, Reason: "no agent reports this host; one that starts later will apply it"}
	}
	return b.delivery(host, revision, start)
}
