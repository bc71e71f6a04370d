package etcd_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func get(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
	return c.Get(ctx, "k")
}

func TestReadIsNotHeldUpByMembersThatHangOrAreGone(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx := t.Context()
	if _, err := c.Client().Put(ctx, "k", "v"); err != nil {
		t.Fatal(err)
	}
	for name, fail := range map[string]struct{ do, undo func(*testcluster.Member) }{
		"hangs":   {(*testcluster.Member).Cut, (*testcluster.Member).Mend},
		"is gone": {(*testcluster.Member).Stop, (*testcluster.Member).Start},
	} {
		t.Run(name, func(t *testing.T) {
			pool := c.Pool()
			fail.do(c.Members[0])
			defer fail.undo(c.Members[0])
			c.Leader()
			// Well below the 2 s after which gRPC itself gives a connection up.
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			resp, err := etcd.Read(ctx, pool, get)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(resp.Kvs[0].Value); got != "v" {
				t.Errorf("read %q", got)
			}
			if got := pool.Preferred().Endpoint(); got == c.Members[0].Endpoint() {
				t.Errorf("a write would go to %s, which does not answer", got)
			}
		})
	}
}

func TestReadTellsWhyEachMemberFailed(t *testing.T) {
	t.Parallel()
	pool, err := etcd.NewPool(etcd.Config{Endpoints: []string{"http://127.0.0.1:1", "http://127.0.0.1:2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = etcd.Read(t.Context(), pool, get)
	var unreachable *etcd.UnreachableError
	if !errors.As(err, &unreachable) {
		t.Fatalf("got %v, want an UnreachableError", err)
	}
	want := "no member answers (http://127.0.0.1:1: connection refused; http://127.0.0.1:2: connection refused)"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if etcd.OutcomeUnknown(unreachable.Failures[0].Err) {
		t.Error("a refused connection is taken for an unknown outcome")
	}
}

func TestCallWithoutDeadlineEnds(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), CallTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer cli.Close()
	c.Members[0].Cut()
	defer c.Members[0].Mend()
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"get":         func() error { _, err := cli.Get(ctx, "k"); return err },
		"put":         func() error { _, err := cli.Put(ctx, "k", "v"); return err },
		"delete":      func() error { _, err := cli.Delete(ctx, "k"); return err },
		"do":          func() error { _, err := cli.Do(ctx, clientv3.OpGet("k")); return err },
		"compact":     func() error { _, err := cli.Compact(ctx, 1); return err },
		"txn":         func() error { _, err := cli.Txn(ctx).Then(clientv3.OpGet("k")).Commit(); return err },
		"grant":       func() error { _, err := cli.Grant(ctx, 5); return err },
		"revoke":      func() error { _, err := cli.Revoke(ctx, 5); return err },
		"ttl":         func() error { _, err := cli.TimeToLive(ctx, 5); return err },
		"leases":      func() error { _, err := cli.Leases(ctx); return err },
		"keepalive":   func() error { _, err := cli.KeepAliveOnce(ctx, 5); return err },
		"member list": func() error { _, err := cli.MemberList(ctx); return err },
		"alarms":      func() error { _, err := cli.AlarmList(ctx); return err },
		"status":      func() error { _, err := cli.Status(ctx, cli.Endpoint()); return err },
	} {
		done := make(chan error, 1)
		go func() { done <- call() }()
		select {
		case err := <-done:
			if etcd.Classify(err) != etcd.ClassUnreachable {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s does not end", name)
		}
	}
}

func TestWhatIsNoEtcdIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	c := testcluster.Start(t, 1)
	if _, err := c.Client().Put(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	pool, err := etcd.NewPool(etcd.Config{Endpoints: []string{web.URL, c.Members[0].Endpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := etcd.Read(t.Context(), pool, get); err != nil {
		t.Errorf("a web server beside the member: %v", err)
	}
	_, err = pool.Clients()[0].Get(t.Context(), "k")
	if got := etcd.Reason(err); got != "what answers is not gRPC" && got != "connection closed" {
		t.Errorf("of a web server it says %q (%v)", got, err)
	}
}
