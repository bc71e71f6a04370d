package etcd_test

import (
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// A lease's stream sits on one member. Whichever it is, its hanging for longer
// than the lease lives must not end the lease.
func TestLeaseOutlivesAnyHungMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	ctx := t.Context()
	const ttl = 2 * time.Second
	lease, err := c.Client().NewLease(ctx, ttl)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client().Put(ctx, "k", "v", clientv3.WithLease(lease.ID())); err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Members {
		m.Cut()
		select {
		case <-lease.Lost():
			t.Errorf("lease lost while %s hung", m.Name)
		case <-time.After(ttl + ttl/2):
		}
		m.Mend()
	}
	resp, err := c.Client().Get(ctx, "k")
	if err != nil || len(resp.Kvs) != 1 {
		t.Errorf("the leased key is gone: %v", err)
	}
	if err := lease.Close(ctx); err != nil {
		t.Error(err)
	}
	if resp, err := c.Client().Get(ctx, "k"); err != nil || len(resp.Kvs) != 0 {
		t.Errorf("Close did not revoke the lease: %v", err)
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
