package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// BenchmarkPushToApplied is the time from the push of a config until an observer
// of the heartbeat sees that the agent has applied it, on three members without
// disk syncs.
func BenchmarkPushToApplied(b *testing.B) {
	c := testcluster.Start(b, 3)
	cli := c.Client()
	a := agent.New(identity("node-1", "machine", "boot"), c.Client(), new(counter), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	watch := cli.Watch(ctx, keys.Heartbeat("node-1"))
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		resp, err := cli.Put(ctx, keys.Config("node-1"), fmt.Sprintf(`{"interval": %d}`, 1000+i%2))
		if err != nil {
			b.Fatal(err)
		}
		waitApplied(b, watch, resp.Header.Revision)
		took = append(took, time.Since(start))
	}
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

func waitApplied(b *testing.B, watch clientv3.WatchChan, rev int64) {
	b.Helper()
	for resp := range watch {
		for _, e := range resp.Events {
			var hb model.Heartbeat
			if json.Unmarshal(e.Kv.Value, &hb) == nil && hb.ConfigRev >= rev {
				return
			}
		}
	}
	b.Fatal("the watch ended")
}
