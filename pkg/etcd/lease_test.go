package etcd_test

import (
	"fmt"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// A lease is kept by a stream that sits on one member. Whichever it is, its hanging
// for longer than the lease lives must not end it.
func TestLeasesOutliveAnyHungMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx := t.Context()
	const ttl = 3 * time.Second
	client := c.Client()
	leases := make([]*etcd.Lease, 5)
	for i := range leases {
		var err error
		if leases[i], err = c.Client().NewLease(ctx, ttl); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Put(ctx, fmt.Sprint("k", i), "v", clientv3.WithLease(leases[i].ID())); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range c.Members {
		m.Cut()
		time.Sleep(ttl + ttl/2)
		for i, lease := range leases {
			select {
			case <-lease.Lost():
				t.Errorf("lease %d lost while %s hung", i, m.Name)
			default:
			}
		}
		m.Mend()
	}
	left := func() int64 {
		resp, err := client.Get(ctx, "k", clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			t.Fatal(err)
		}
		return resp.Count
	}
	if n := left(); n != int64(len(leases)) {
		t.Errorf("%d of %d leased keys are left", n, len(leases))
	}
	for i, lease := range leases {
		if err := lease.Close(ctx); err != nil {
			t.Error(err)
		}
		if n := left(); n != int64(len(leases)-i-1) {
			t.Fatalf("%d leased keys are left after Close of %d leases", n, i+1)
		}
	}
}

func TestLeaseThatEndedIsTold(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	ctx := t.Context()
	lease, err := c.Client().NewLease(ctx, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client().Revoke(ctx, lease.ID()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-lease.Lost():
	case <-time.After(5 * time.Second):
		t.Fatal("the lease was revoked, and its holder not told")
	}
	if err := lease.Close(ctx); err != nil {
		t.Errorf("closing a lost lease: %v", err)
	}
}
