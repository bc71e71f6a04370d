package configpush_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// odd is a config whose text no decoder and encoder would give back.
const odd = "{\"z\": 1.50,\r\n\t\"interval\" :1e1, \"a\":\"<\\u0026>\", \"x\": 123456789012345678901234567890}"

func TestPushIsOneTxn(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	put(t, cli, keys.Config("node-2"), `{}`)
	put(t, cli, keys.Config("node-3"), `{}`)
	r := a.push(want("node-1", `{"ttl": 3}`), want("node-2", `{"ttl": 3}`), remove("node-3"), want(model.DefaultHost, `{"ttl": 4}`))
	if len(r.Hosts) != 4 || r.ID == "" {
		t.Errorf("result %+v", r)
	}
	for _, host := range r.Hosts {
		log := history(t, cli, host)
		if len(log) != 1 || log[0].revision != r.Revision || log[0].ID != r.ID {
			t.Errorf("%s: log %+v, want one entry of %s at revision %d", host, log, r.ID, r.Revision)
		}
		kv := stored(t, cli, host)
		if (kv == nil) != (host == "node-3") || kv != nil && kv.ModRevision != r.Revision {
			t.Errorf("%s: stored %v, want revision %d", host, kv, r.Revision)
		}
	}
}

func TestWhatIsWantedIsStoredAndWatchedToTheByte(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	watch := cli.Watch(t.Context(), keys.Config("node-1"), clientv3.WithCreatedNotify())
	soon(t, watch)
	r := a.push(want("node-1", odd))
	resp := soon(t, watch)
	if len(resp.Events) != 1 || string(resp.Events[0].Kv.Value) != odd || resp.Events[0].Kv.ModRevision != r.Revision {
		t.Errorf("another client's watch got %v", resp.Events)
	}
	if kv := stored(t, cli, "node-1"); string(kv.Value) != odd {
		t.Errorf("stored %q, want %q", kv.Value, odd)
	}
	items, err := a.Get(t.Context(), []string{"node-1"})
	if err != nil || string(items[0].Config) != odd {
		t.Errorf("got %+v, %v", items, err)
	}
}

func TestPushThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	put(t, cli, keys.Config("node-1"), `{"interval": 10, "ttl": 5}`)
	before := everything(t, cli)
	r := a.push(want("node-1", "{\n\"ttl\":5,\n\"interval\":10}"), remove("node-2"))
	if r.Revision != 0 || len(r.Hosts) != 0 {
		t.Errorf("result %+v", r)
	}
	if after := everything(t, cli); after != before {
		t.Errorf("%d keys, before %d", after, before)
	}
	// Beside a change, what is the same is left alone too.
	r = a.push(want("node-1", `{"ttl":5,"interval":10}`), want("node-2", `{}`))
	if len(r.Hosts) != 1 || r.Hosts[0] != "node-2" || len(history(t, cli, "node-1")) != 0 {
		t.Errorf("written: %v", r.Hosts)
	}
}

func TestEmptyStoredValueCanBeDeletedAndReplaced(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	put(t, cli, keys.Config("node-1"), "")
	put(t, cli, keys.Config("node-2"), "")
	p := a.plan(remove("node-1"), want("node-2", `{}`))
	if diff := string(p.Changes[1].Diff()); strings.Contains(diff, "(no config)") {
		t.Errorf("an empty value is not no config:\n%s", diff)
	}
	if r, err := a.Push(t.Context(), p, ""); err != nil || len(r.Hosts) != 2 {
		t.Errorf("pushed %+v, %v", r, err)
	}
	if kv := stored(t, cli, "node-1"); kv != nil {
		t.Errorf("still stored: %v", kv)
	}
}

func TestPushTakesFiveHundredHostsAndNoMore(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	var tooMany *configpush.TooManyError
	if _, err := a.Plan(t.Context(), fleet(configpush.MaxHosts+1, `{}`)); !errors.As(err, &tooMany) || tooMany.ByServer {
		t.Fatalf("501 hosts: %v", err)
	}
	// Full logs, so that each host also needs its oldest entry removed.
	wanted := fleet(configpush.MaxHosts, `{}`)
	for chunk := range 4 {
		var ops []clientv3.Op
		for _, w := range wanted[chunk*125 : (chunk+1)*125] {
			for seq := int64(1); seq <= 2; seq++ {
				ops = append(ops, clientv3.OpPut(keys.ConfigLogEntry(w.Host, seq+configpush.KeptEntries-2), `{}`))
			}
		}
		if _, err := cli.Txn(t.Context()).Then(ops...).Commit(); err != nil {
			t.Fatal(err)
		}
	}
	r := a.push(wanted...)
	if len(r.Hosts) != configpush.MaxHosts {
		t.Errorf("%d hosts written", len(r.Hosts))
	}
	if n := everything(t, cli); n != 4*configpush.MaxHosts {
		t.Errorf("%d keys, want a config and 3 log entries a host", n)
	}
}

func TestPushBeyondTheServersTxnLimitIsRefusedWhole(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1, testcluster.MaxTxnOps(128))
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	_, err := a.Push(t.Context(), a.plan(fleet(65, `{}`)...), "")
	var tooMany *configpush.TooManyError
	if !errors.As(err, &tooMany) || !tooMany.ByServer || tooMany.Hosts != 65 {
		t.Fatalf("65 hosts: %v", err)
	}
	if n := everything(t, cli); n != 0 {
		t.Errorf("%d keys written", n)
	}
	a.push(fleet(64, `{}`)...)
}

func TestPushThatIsTooLargeIsRefusedWhole(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, a := c.Client(), user(t, c.Pool(), "anna@laptop")
	large := fmt.Sprintf(`{"x": %q}`, bytes.Repeat([]byte("x"), 200<<10))
	for _, hosts := range []int{4, 8} { // beyond the server's 1.5 MiB, and the client's 2 MiB
		_, err := a.Push(t.Context(), a.plan(fleet(hosts, large)...), "")
		var unknown *configpush.UnknownOutcomeError
		if err == nil || errors.As(err, &unknown) {
			t.Errorf("%d hosts: %v", hosts, err)
		}
	}
	if n := everything(t, cli); n != 0 {
		t.Errorf("%d keys written", n)
	}
}
