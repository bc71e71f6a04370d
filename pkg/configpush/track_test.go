package configpush_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestFateOfAPushIsToldOfEveryHost(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	a.push(want("good", `{"interval": 3600}`), want("bad", `{"interval": 3600}`))
	runAgent(t, c.Client(), "good")
	runAgent(t, c.Client(), "bad")
	reported(t, cli, "good", "bad")
	put(t, cli, keys.Heartbeat("foreign"), `{"status": "alive", "ts": 1763690000.1}`)
	tr := track(t, c.Client(), "good", "bad", "foreign", "nobody")
	begin := time.Now()
	r := a.push(want("good", `{"interval": 1800}`), want("bad", `{"interval": "often"}`), want("foreign", `{}`), want("nobody", `{}`))
	got := fates(t, tr, r, begin)
	wanted := map[string]configpush.Delivery{
		"good":    {Host: "good", State: configpush.Applied},
		"bad":     {Host: "bad", State: configpush.Rejected, Reason: "config of bad rejected: interval must be a number"},
		"foreign": {Host: "foreign", State: configpush.Opaque, Reason: "this agent does not say which config it has applied"},
		"nobody":  {Host: "nobody", State: configpush.Absent, Reason: "no agent reports this host; one that starts later will apply it"},
	}
	if d := cmp.Diff(wanted, got); d != "" {
		t.Error(d)
	}
}

func TestPushOfTheDefaultReachesEveryHostThatReports(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	hosts := []string{"node-1", "node-2", "node-3"}
	a.push(want("node-3", `{"interval": 3600}`)) // hides the default, and yet has seen it
	for _, host := range hosts {
		runAgent(t, c.Client(), host)
	}
	reported(t, cli, hosts...)
	tr := track(t, c.Client(), model.DefaultHost)
	begin := time.Now()
	r := a.push(want(model.DefaultHost, `{"interval": 1800}`))
	got := fates(t, tr, r, begin)
	for _, host := range hosts {
		if got[host].State != configpush.Applied {
			t.Errorf("%s: %+v", host, got[host])
		}
	}
	if len(got) != len(hosts) {
		t.Errorf("told of %v", got)
	}
}

func TestHostThatHasNotAnsweredIsPendingWhenTheWaitEnds(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	beat(t, cli, "slow", 1, "")
	beat(t, cli, "quick", 100, "")
	tr := track(t, c.Client(), "slow", "quick")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var told []string
	pending, err := tr.Wait(over, &configpush.Result{Revision: 100, Hosts: []string{"quick", "slow"}}, time.Now(), func(d configpush.Delivery) {
		told = append(told, d.Host)
	})
	if !errors.Is(err, context.Canceled) || !cmp.Equal(pending, []string{"slow"}) || !cmp.Equal(told, []string{"quick"}) {
		t.Errorf("pending %v, told of %v, %v", pending, told, err)
	}
}

// waiting is a Wait under way for the hosts of a result.
type waiting struct {
	told chan configpush.Delivery
	end  chan error
}

func wait(t *testing.T, tr *configpush.Tracker, r *configpush.Result) *waiting {
	t.Helper()
	w := &waiting{make(chan configpush.Delivery, len(r.Hosts)), make(chan error, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	t.Cleanup(cancel)
	go func() {
		_, err := tr.Wait(ctx, r, time.Now(), func(d configpush.Delivery) { w.told <- d })
		w.end <- err
	}()
	return w
}

func TestAgentThatVanishesIsWaitedForNoLonger(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	beat(t, cli, "node-1", 1, "")
	tr := track(t, c.Client(), "node-1")
	w := wait(t, tr, a.push(want("node-1", `{}`)))
	if _, err := cli.Delete(t.Context(), keys.Heartbeat("node-1")); err != nil {
		t.Fatal(err)
	}
	if d := soon(t, w.told); d.State != configpush.Absent {
		t.Errorf("%+v", d)
	}
	if err := soon(t, w.end); err != nil {
		t.Error(err)
	}
}

func TestOldErrorOfAnAgentIsNotTakenForARejection(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	for _, host := range []string{"mends", "stays", "worse"} {
		beat(t, cli, host, 1, "no object")
	}
	beat(t, cli, "probe", 1, "")
	tr := track(t, c.Client(), model.DefaultHost) // one watch: in order
	r := a.push(want("mends", `{}`), want("stays", `{}`), want("worse", `{}`), want("probe", `{}`))
	w := wait(t, tr, r)
	// All were on their way when the push was made.
	beat(t, cli, "mends", 1, "no object")
	beat(t, cli, "stays", 1, "no object")
	beat(t, cli, "probe", r.Revision, "")
	if d := soon(t, w.told); d.Host != "probe" || d.State != configpush.Applied {
		t.Errorf("told of %+v", d)
	}
	beat(t, cli, "mends", r.Revision, "")
	if d := soon(t, w.told); d.Host != "mends" || d.State != configpush.Applied {
		t.Errorf("told of %+v", d)
	}
	beat(t, cli, "worse", 1, "no number")
	if d := soon(t, w.told); d.Host != "worse" || d.State != configpush.Rejected || d.Reason != "no number" {
		t.Errorf("told of %+v", d)
	}
	beat(t, cli, "stays", 1, "no object")
	if d := soon(t, w.told); d.Host != "stays" || d.State != configpush.Rejected || d.Reason != "no object" {
		t.Errorf("told of %+v", d)
	}
}

func TestTimeToApplyIsThatOfTheFirstHeartbeatThatSaysSo(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	beat(t, cli, "node-1", 1, "")
	beat(t, cli, "probe", 1, "")
	tr := track(t, c.Client(), model.DefaultHost)
	begin := time.Now()
	r := a.push(want("node-1", `{}`), want("probe", `{}`))
	beat(t, cli, "node-1", r.Revision, "")
	soon(t, wait(t, tr, &configpush.Result{Revision: r.Revision, Hosts: []string{"node-1"}}).told)
	applied := time.Since(begin)
	beat(t, cli, "node-1", r.Revision, "") // the next sample
	beat(t, cli, "probe", r.Revision, "")
	soon(t, wait(t, tr, &configpush.Result{Revision: r.Revision, Hosts: []string{"probe"}}).told)
	if _, err := tr.Wait(t.Context(), &configpush.Result{Revision: r.Revision, Hosts: []string{"node-1"}}, begin, func(d configpush.Delivery) {
		if d.After > applied {
			t.Errorf("applied after %v, it is said, and it was known after %v", d.After, applied)
		}
	}); err != nil {
		t.Error(err)
	}
}

func TestTrackerFollowsMoreHostsThanOneTxnReads(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1, testcluster.MaxTxnOps(128))
	cli := c.Client()
	var hosts []string
	for _, w := range fleet(130, "") {
		hosts = append(hosts, w.Host)
		beat(t, cli, w.Host, 1, "")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	tr := configpush.Track(ctx, c.Client(), hosts)
	defer tr.Close()
	if err := tr.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	got := fates(t, tr, &configpush.Result{Revision: 1, Hosts: hosts}, time.Now().Add(-time.Minute))
	if len(got) != len(hosts) {
		t.Errorf("told of %d hosts", len(got))
	}
}

func TestTrackerEndsAlsoWhenTheStoreIsGone(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	c.Members[0].Cut()
	tr := configpush.Track(t.Context(), c.Client(), []string{"node-1"})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tr.Ready(over); !errors.Is(err, context.Canceled) {
		t.Errorf("ready: %v", err)
	}
	closed := make(chan struct{})
	go func() { tr.Close(); close(closed) }()
	soon(t, closed)
}
