package etcd_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestClientThatKnowsOneMemberFindsTheOthers(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	cfg := etcd.Config{Endpoints: c.Endpoints()[:1], SyncInterval: 20 * time.Millisecond}
	client, err := etcd.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() { client.FollowMembers(ctx) })
	defer following.Wait()
	defer cancel()
	deadline := time.Now().Add(20 * time.Second)
	for len(client.Endpoints()) != 3 {
		if time.Now().After(deadline) {
			t.Fatalf("it knows %q", client.Endpoints())
		}
		time.Sleep(10 * time.Millisecond)
	}
}
