package configpush_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const patient = 15 * time.Second

// noon is what every clock of an admin shows.
var noon = time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)

// admin is somebody who pushes.
type admin struct {
	testing.TB
	*configpush.Store
}

func user(t testing.TB, pool *etcd.Pool, by string) *admin {
	t.Helper()
	return &admin{t, &configpush.Store{Pool: pool, By: by, Now: func() time.Time { return noon }}}
}

func (a *admin) plan(wanted ...configpush.Wanted) *configpush.Plan {
	a.Helper()
	p, err := a.Plan(a.Context(), wanted)
	if err != nil {
		a.Fatal(err)
	}
	return p
}

func (a *admin) push(wanted ...configpush.Wanted) *configpush.Result {
	a.Helper()
	r, err := a.Push(a.Context(), a.plan(wanted...), "")
	if err != nil {
		a.Fatal(err)
	}
	return r
}

func want(host, value string) configpush.Wanted {
	return configpush.Wanted{Host: host, JSON: []byte(value)}
}

func remove(host string) configpush.Wanted {
	return configpush.Wanted{Host: host, Delete: true}
}

// fleet wants the same config for n hosts.
func fleet(n int, value string) []configpush.Wanted {
	wanted := make([]configpush.Wanted, n)
	for i := range wanted {
		wanted[i] = want(fmt.Sprintf("node-%d", i), value)
	}
	return wanted
}

// put stores a value as any etcd client would, and returns its revision.
func put(t testing.TB, cli *etcd.Client, key, value string) int64 {
	t.Helper()
	resp, err := cli.Put(t.Context(), key, value)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Header.Revision
}

// stored returns what is under a host's config key; nil for nothing.
func stored(t testing.TB, cli *etcd.Client, host string) *mvccpb.KeyValue {
	t.Helper()
	resp, err := cli.Get(t.Context(), keys.Config(host))
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Kvs) == 0 {
		return nil
	}
	return resp.Kvs[0]
}

// logged is one entry of a config log.
type logged struct {
	model.ConfigChange
	seq, revision int64
}

// history returns a host's config log, the oldest entry first.
func history(t testing.TB, cli *etcd.Client, host string) []logged {
	t.Helper()
	resp, err := cli.Get(t.Context(), keys.ConfigLog(host), clientv3.WithPrefix())
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]logged, len(resp.Kvs))
	for i, kv := range resp.Kvs {
		e := logged{revision: kv.ModRevision}
		var of string
		if of, e.seq, err = keys.ConfigLogSeq(string(kv.Key)); err != nil || of != host {
			t.Fatalf("log key %q: host %q, %v", kv.Key, of, err)
		}
		if err := json.Unmarshal(kv.Value, &e.ConfigChange); err != nil {
			t.Fatalf("log entry %s: %v", kv.Value, err)
		}
		entries[i] = e
	}
	return entries
}

// everything counts the keys of the whole key space.
func everything(t testing.TB, cli *etcd.Client) int64 {
	t.Helper()
	resp, err := cli.Get(t.Context(), keys.Root, clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		t.Fatal(err)
	}
	return resp.Count
}

// soon waits for the next value of a channel.
func soon[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patient):
		t.Fatal("nothing comes")
		panic("unreachable")
	}
}
