package configpush_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

// idle is a sampler that measures nothing.
type idle struct{}

func (idle) Sample(context.Context, []string) sensor.Reading { return sensor.Reading{} }

// runAgent runs a real agent until the test ends.
func runAgent(t testing.TB, client *etcd.Client, host string) {
	t.Helper()
	a := agent.New(agent.Identity{Host: host, Owner: "machine", Boot: "boot"}, client, idle{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-end; err != nil {
			t.Errorf("agent of %s: %v", host, err)
		}
	})
}

// reported waits until hosts have a heartbeat.
func reported(t testing.TB, cli *etcd.Client, hosts ...string) {
	t.Helper()
	watch := cli.Watch(t.Context(), keys.HeartbeatPrefix, clientv3.WithPrefix(), clientv3.WithRev(1))
	missing := slices.Clone(hosts)
	for len(missing) > 0 {
		for _, e := range soon(t, watch).Events {
			missing = slices.DeleteFunc(missing, func(host string) bool { return keys.Heartbeat(host) == string(e.Kv.Key) })
		}
	}
}

// beat puts a heartbeat as an agent of ours would; rejected is its config_error.
func beat(t testing.TB, cli *etcd.Client, host string, configRev int64, rejected string) {
	t.Helper()
	put(t, cli, keys.Heartbeat(host), fmt.Sprintf(
		`{"status": "alive", "ts": 1763690000.1, "boot": "boot", "config_rev": %d, "config_error": %q}`, configRev, rejected))
}

func track(t testing.TB, client *etcd.Client, hosts ...string) *configpush.Tracker {
	t.Helper()
	tr := configpush.Track(t.Context(), client, hosts)
	t.Cleanup(tr.Close)
	if err := tr.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tr
}

// fates waits until the fate of a push is known everywhere. When it was is left
// out, once it has been found to be plausible.
func fates(t *testing.T, tr *configpush.Tracker, r *configpush.Result, begin time.Time) map[string]configpush.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	got := make(map[string]configpush.Delivery)
	pending, err := tr.Wait(ctx, r, begin, func(d configpush.Delivery) {
		if _, twice := got[d.Host]; twice {
			t.Errorf("%s is told of twice", d.Host)
		}
		if (d.State == configpush.Applied) != (d.After > 0) || d.After > time.Since(begin) {
			t.Errorf("%s: %s after %v", d.Host, d.State, d.After)
		}
		d.After = 0
		got[d.Host] = d
	})
	if err != nil || pending != nil {
		t.Errorf("pending %v, %v", pending, err)
	}
	return got
}
