package agent_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestChangeOfConfigTakesEffectAtOnceAndWithoutAGap(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 3600}`)
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	before := o.until("a first heartbeat", alive)
	if before.Interval != 3600 || before.Silence != 9000 || before.TTL != 5 {
		t.Errorf("interval %v, silence %v, ttl %v", before.Interval, before.Silence, before.TTL)
	}

	for _, step := range []struct {
		config string
		ok     func(beat) bool
	}{
		{`{"interval": 1800}`, func(b beat) bool { return b.Interval == 1800 }},
		{`{"interval": 1800, "metrics": ["load1"]}`, func(b beat) bool { return len(b.Metrics) == 1 && b.Metrics["load1"] > 0 }},
		{`{"interval": 1800, "metrics": ["load1"], "ttl": 9}`, func(b beat) bool { return b.TTL == 9 && b.lease != before.lease }},
		{`{"interval": 10, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`, func(b beat) bool { return b.Interval == 10 && len(b.Metrics) == 6 && b.TTL == 5 }},
		{`{"interval": 0.2, "metrics": []}`, func(b beat) bool { return b.Interval == 0.2 && len(b.Metrics) == 0 }},
	} {
		rev := put(t, cli, keys.Config("node-1"), step.config)
		start := time.Now()
		// The next heartbeat tells of the new revision: the next sample, that is. One
		// that was taken before may be on its way.
		b := o.until(step.config, func(beat) bool { return true })
		if b.ConfigRev < rev {
			b = o.until(step.config, func(beat) bool { return true })
		}
		if b.ConfigRev != rev || !step.ok(b) {
			t.Errorf("%s: revision %d, want %d: %+v", step.config, b.ConfigRev, rev, b)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s took %v", step.config, d)
		}
	}
}

func TestOldLeaseIsGivenBackWhenTheTTLChanges(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	o.until("a heartbeat", alive)
	for ttl := 6; ttl < 10; ttl++ {
		put(t, cli, keys.ConfigDefault(), fmt.Sprintf(`{"ttl": %d}`, ttl))
		o.until("the new ttl", func(b beat) bool { return b.TTL == int64(ttl) })
	}
	deadline := time.Now().Add(patient)
	for {
		leases, err := cli.Leases(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(leases.Leases) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d leases are left, want the one in use", len(leases.Leases))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestHostsFieldsGoBeforeTheDefaultsFieldByField(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.ConfigDefault(), `{"interval": 100, "ttl": 8}`)
	own := put(t, cli, keys.Config("node-1"), `{"metrics": ["cpu"], "interval": 50}`)
	o := observe(t, cli, "node-1")
	a := start(t, c, identity("node-1", "machine", "boot"))
	b := o.until("the merged config", func(b beat) bool { return b.Interval == 50 && b.TTL == 8 && len(b.Metrics) == 1 })
	if b.ConfigRev != own {
		t.Errorf("config_rev %d, want %d", b.ConfigRev, own)
	}
	resp, err := cli.Delete(t.Context(), keys.Config("node-1"))
	if err != nil {
		t.Fatal(err)
	}
	b = o.until("the default config", func(b beat) bool { return b.Interval == 100 && len(b.Metrics) == 6 })
	if b.ConfigRev != resp.Header.Revision {
		t.Errorf("config_rev %d, want that of the deletion, %d", b.ConfigRev, resp.Header.Revision)
	}
	if got := a.Config(); got.Interval != 100*time.Second || got.TTL != 8*time.Second {
		t.Errorf("in force: %+v", got)
	}
}

func TestUnusableConfigLeavesTheLastGoodOneInForceAndIsNamed(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	good := put(t, cli, keys.Config("node-1"), `{"interval": 100}`)
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	o.until("the good config", func(b beat) bool { return b.ConfigRev == good })
	for _, bad := range []string{
		``, `null`, `[]`, `{`, "\x00\xff", `{"interval": "1"}`, `{"interval": 0}`, `{"interval": 1e999}`, `{"interval": null}`,
		`{"metrics": "cpu"}`, `{"metrics": [1]}`, `{"ttl": 1}`, `{"ttl": 2.5}`, `{"interval": 5, "ttl": -1}`,
		`{"x": "` + strings.Repeat("x", model.MaxConfigSize) + `"}`,
	} {
		put(t, cli, keys.Config("node-1"), bad)
		b := o.until(bad, alive)
		if b.Interval != 100 || b.ConfigRev != good || !strings.Contains(b.ConfigError, "rejected") || len(b.ConfigError) > 600 {
			t.Errorf("%.40q: interval %v, config_rev %d, error %q", bad, b.Interval, b.ConfigRev, b.ConfigError)
		}
	}
	rev := put(t, cli, keys.Config("node-1"), `{"interval": 60, "metrics": ["cpu", "gpu"], "note": "kept"}`)
	b := o.until("a good config", func(b beat) bool { return b.ConfigRev == rev })
	if b.Interval != 60 || len(b.Metrics) != 1 || !strings.Contains(b.ConfigError, "gpu") {
		t.Errorf("unknown metric: %+v", b)
	}
}

func TestReadersSeeOnlyWholeConfigsDuringPushes(t *testing.T) {
	t.Parallel()
	const readers, pushes, pushers = 1000, 10000, 50
	c := testcluster.Start(t, 1)
	cli := c.Client()
	a := start(t, c, identity("node-1", "machine", "boot"))
	// Each pushed config's fields follow from one number.
	names := model.MetricNames()
	fields := func(n int) (ttl int, metrics []string) { return 2 + n%598, names[n%len(names):] }

	done := make(chan struct{})
	var reading, pushing sync.WaitGroup
	for range readers {
		reading.Go(func() {
			for {
				cfg := a.Config()
				if cfg.Revision != 0 {
					n := int(cfg.Interval/time.Second) - 1
					ttl, metrics := fields(n)
					if cfg.TTL != time.Duration(ttl)*time.Second || !slices.Equal(cfg.Metrics, metrics) {
						t.Errorf("torn config: %+v", cfg)
						return
					}
				}
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
					runtime.Gosched()
				}
			}
		})
	}
	for p := range pushers {
		pushing.Go(func() {
			for i := p; i < pushes; i += pushers {
				n := i % 3600
				ttl, metrics := fields(n)
				value := fmt.Sprintf(`{"interval": %d, "ttl": %d, "metrics": ["%s"]}`, n+1, ttl, strings.Join(metrics, `", "`))
				if _, err := cli.Put(t.Context(), keys.Config("node-1"), value); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	pushing.Wait()
	last, err := cli.Get(t.Context(), keys.Config("node-1"))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patient); a.Config().Revision != last.Kvs[0].ModRevision; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in force: revision %d, pushed: %d", a.Config().Revision, last.Kvs[0].ModRevision)
		}
	}
	close(done)
	reading.Wait()
}
