package etcd_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// A member that hangs costs a client one call, also one to which no stream leads; it is
// asked again when it is well.
func TestMemberThatHangsCostsOneCall(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	hung := c.Other(c.Leader())
	const method = "Put"
	var answered atomic.Int64
	client, err := etcd.New(etcd.Config{Endpoints: c.Endpoints(), Trace: func(call etcd.Call) {
		if call.Method == method && call.Err == nil && "http://"+call.Endpoint == hung.Endpoint() {
			answered.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	put := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.Put(ctx, "k", "v")
		return err
	}
	puts := func(length time.Duration, until func() bool) (failed int) {
		for end := time.Now().Add(length); time.Now().Before(end) && !until(); time.Sleep(50 * time.Millisecond) {
			if put() != nil {
				failed++
			}
		}
		return failed
	}
	// Each has a connection.
	if n := puts(10*time.Second, func() bool { return answered.Load() > 2 }); n > 0 {
		t.Fatalf("%d puts failed with all members well", n)
	}
	if client.AnotherAnswers() {
		t.Error("a member is said not to answer")
	}
	hung.Cut()
	lone := false
	failed := puts(18*time.Second, func() bool { lone = lone || client.AnotherAnswers(); return false })
	if failed != 1 || !lone {
		t.Errorf("%d puts were lost to a member that hangs, want one; others are said to answer: %v", failed, lone)
	}
	hung.Mend()
	answered.Store(0)
	puts(20*time.Second, func() bool { return answered.Load() > 0 })
	if answered.Load() == 0 {
		t.Error("it is not asked again")
	}
}

func TestStoreThatDoesNotAnswerIsNotTakenForOneMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	if _, err := client.Put(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Members {
		m.Cut()
		defer m.Mend()
	}
	for range c.Members {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := client.Put(ctx, "k", "v")
		cancel()
		if err == nil {
			t.Fatal("a member answers")
		}
	}
	if client.AnotherAnswers() {
		t.Error("a member is said to answer")
	}
}
