package agent_test

import (
	"errors"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestNewestSampleIsSentWhenTheStoreIsBackAndNoQueue(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 0.1, "ttl": 60}`)
	a := start(t, c, identity("node-1", "machine", "boot"))
	o := observe(t, cli, "node-1")
	o.until("the config", func(b beat) bool { return b.Interval == 0.1 })

	stopped := float64(time.Now().UnixMilli()) / 1000
	c.Members[0].Stop()
	time.Sleep(time.Second) // what was under way has ended
	sampled := a.sampled.n.Load()
	time.Sleep(2 * time.Second)
	if n := a.sampled.n.Load() - sampled; n < 10 {
		t.Errorf("%d samples in 2 s without a store, want about 20", n)
	}
	before := a.sampled.n.Load()
	c.Members[0].Start()
	first := o.next()
	for first.TS <= stopped { // stored before the stop, and told now
		first = o.next()
	}
	if int64(first.Seq) < before-2 {
		t.Errorf("sample %d was sent first, %d had been taken by then", first.Seq, before)
	}
	second := o.next()
	if second.Seq <= first.Seq {
		t.Errorf("sample %d was sent after %d", second.Seq, first.Seq)
	}
}

func TestHeartbeatThatVanishedIsPutAgainAtOnce(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 3600}`)
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	for name, vanish := range map[string]func(beat) error{
		"deleted by hand": func(beat) error { _, err := cli.Delete(t.Context(), keys.Heartbeat("node-1")); return err },
		"lease revoked":   func(b beat) error { _, err := cli.Revoke(t.Context(), b.lease); return err },
	} {
		b := o.until("a heartbeat", alive)
		if err := vanish(b); err != nil {
			t.Fatal(err)
		}
		for b := o.next(); !b.deleted; b = o.next() {
			// a heartbeat that was under way
		}
		start := time.Now()
		o.until(name, alive)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: back after %v", name, d)
		}
		put(t, cli, keys.Config("node-1"), `{"interval": 3600}`) // one more heartbeat, for the next round
	}
}

func TestHeartbeatWrittenOverByAForeignerIsTakenBack(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 0.2}`)
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	o.until("a heartbeat", alive)
	for _, value := range []string{"junk", `{"status":"alive","ts":1}`, `{"status":"alive","ts":1,"owner":"other","boot":"x"}`} {
		put(t, cli, keys.Heartbeat("node-1"), value)
		b := o.until("the agent's own heartbeat", func(b beat) bool { return b.Boot == "boot" && b.Seq > 0 })
		if b.lease == 0 {
			t.Error("it is on no lease")
		}
	}
}

func TestLivingAgentNeverLooksDeadWhileAnyOneMemberFails(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	put(t, c.Client(), keys.Config("node-1"), `{"interval": 0.5, "ttl": 3}`)
	o := observe(t, c.Client(), "node-1")
	start(t, c, identity("node-1", "machine", "boot"))
	o.until("the config", func(b beat) bool { return b.TTL == 3 })

	for _, m := range c.Members { // each hangs for longer than the lease lives
		m.Cut()
		time.Sleep(4 * time.Second)
		m.Mend()
	}
	leader := c.Leader()
	leader.Stop()
	time.Sleep(4 * time.Second)
	leader.Start()

	// until fails on any deletion on the way to a heartbeat put from now on.
	rev := put(t, c.Client(), "/mark", "")
	o.until("a heartbeat after all that", func(b beat) bool { return b.rev > rev })
}

func TestLaterAgentOfTheSameMachineTakesOverWithoutAGap(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 0.2}`)
	o := observe(t, cli, "node-1")
	first := start(t, c, identity("node-1", "machine", "one"))
	o.until("the first agent", func(b beat) bool { return b.Boot == "one" })
	start(t, c, identity("node-1", "machine", "two"))
	o.until("the second agent", func(b beat) bool { return b.Boot == "two" })
	var held *agent.HeldError
	if err := first.ended(); !errors.As(err, &held) || !held.Replaced {
		t.Errorf("the first agent ended with %v", err)
	}
	rev := put(t, cli, "/mark", "")
	b := o.until("more of the second", func(b beat) bool { return b.rev > rev })
	if b.Boot != "two" {
		t.Errorf("the first agent still writes")
	}
}

func TestAgentOfAnotherMachineIsRefused(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	put(t, cli, keys.Config("node-1"), `{"interval": 0.2, "ttl": 2}`)
	o := observe(t, cli, "node-1")
	first := start(t, c, identity("node-1", "machine-a", "one"))
	o.until("the first agent", func(b beat) bool { return b.Boot == "one" && b.TTL == 2 })
	second := start(t, c, identity("node-1", "machine-b", "two"))
	var held *agent.HeldError
	if err := second.ended(); !errors.As(err, &held) || held.Owner != "machine-a" {
		t.Errorf("the second agent ended with %v", err)
	}
	rev := put(t, cli, "/mark", "")
	o.until("more of the first", func(b beat) bool {
		if b.Boot != "one" {
			t.Errorf("the newcomer wrote")
		}
		return b.rev > rev
	})
	if err := first.stop(); err != nil {
		t.Error(err)
	}
}

func TestAgentOfAnotherMachineGetsTheKeyOfADeadOne(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	lease, err := cli.Grant(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	dead := `{"status":"alive","ts":1763690000.5,"owner":"machine-a","boot":"one","ttl":2}`
	if _, err := cli.Put(t.Context(), keys.Heartbeat("node-1"), dead, clientv3.WithLease(lease.ID)); err != nil {
		t.Fatal(err)
	}
	o := observe(t, cli, "node-1")
	start(t, c, identity("node-1", "machine-b", "two"))
	if b := o.next(); !b.deleted {
		t.Fatalf("the dead agent's key was written over: %+v", b)
	}
	o.until("the second agent", func(b beat) bool { return b.Boot == "two" })
}

func TestCleanStopSaysGoodbyeAndGivesTheLeaseBack(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	o := observe(t, cli, "node-1")
	a := start(t, c, identity("node-1", "machine", "boot"))
	o.until("a heartbeat", alive)
	begin := time.Now()
	if err := a.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("the stop took %v", d)
	}
	o.until("a goodbye", func(b beat) bool { return b.Status == model.StatusLeaving })
	if b := o.next(); !b.deleted {
		t.Errorf("the key is still there: %+v", b)
	}
	if leases, err := cli.Leases(t.Context()); err != nil || len(leases.Leases) != 0 {
		t.Errorf("leases left: %v, %v", leases, err)
	}
}

func TestStopWithoutAStoreIsAsQuick(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	o := observe(t, c.Client(), "node-1")
	a := start(t, c, identity("node-1", "machine", "boot"))
	o.until("a heartbeat", alive)
	c.Members[0].Stop()
	begin := time.Now()
	if err := a.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if d := time.Since(begin); d > 1500*time.Millisecond {
		t.Errorf("the stop took %v", d)
	}
}
