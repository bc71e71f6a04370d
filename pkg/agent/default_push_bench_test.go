package agent_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

const (
	// manyAgents share the connections of sharedClients clients: a thousand
	// processes would not fit the machine.
	manyAgents    = 1000
	sharedClients = 20
)

// BenchmarkDefaultPushTo1000 is the time from the push of a default config until
// each of a thousand agents takes its first sample by it, on three members
// without disk syncs. "bare" is that until each of a thousand watches of another
// key, over as many connections, has the event. The pushes take turns.
func BenchmarkDefaultPushTo1000(b *testing.B) {
	c := testcluster.Start(b, 3)
	reached, bare := make(chan string, manyAgents), make(chan string, manyAgents)
	bareKey := keys.Root + "bare"
	fan(b, c, func(ctx context.Context, client *etcd.Client, i int) error {
		host := fmt.Sprintf("node-%d", i)
		return agent.New(identity(host, host, "boot"), client, &turn{reached: reached}, slog.New(slog.DiscardHandler)).Run(ctx)
	})
	fan(b, c, func(ctx context.Context, client *etcd.Client, _ int) error {
		for resp := range client.Watch(ctx, bareKey) {
			for _, e := range resp.Events {
				cfg, err := model.DecodeConfig(e.Kv.Value)
				if err != nil {
					return err
				}
				bare <- cfg.Metrics[0]
			}
		}
		return nil
	})
	// Whoever does not watch yet would not tell of the first push.
	time.Sleep(3 * time.Second)

	client := c.Client()
	metrics := []string{model.MetricMemory, model.MetricCPU}
	var took, tookBare []time.Duration
	for i := 0; b.Loop(); i++ {
		took = append(took, reach(b, client, keys.ConfigDefault(), metrics[i%2], reached)...)
		time.Sleep(time.Second) // the heartbeats that tell of it are no part of the next push
		tookBare = append(tookBare, reach(b, client, bareKey, metrics[i%2], bare)...)
	}
	b.ReportMetric(0, "ns/op") // it would tell of the pauses too
	for name, took := range map[string][]time.Duration{"ms": took, "ms-bare": tookBare} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-p50")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"-p99")
		b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, name+"-max")
	}
}

// turn is a sampler that tells when the first metric that it is asked for is
// another one.
type turn struct {
	reached chan<- string
	metric  string
}

func (t *turn) Sample(ctx context.Context, metrics []string) sensor.Reading {
	if metrics[0] != t.metric {
		t.metric = metrics[0]
		select {
		case t.reached <- t.metric:
		case <-ctx.Done():
		}
	}
	return sensor.Reading{Metrics: map[string]float64{metrics[0]: 1}}
}

// fan runs f for each of manyAgents, until the benchmark ends.
func fan(b *testing.B, c *testcluster.Cluster, f func(ctx context.Context, client *etcd.Client, i int) error) {
	b.Helper()
	clients := make([]*etcd.Client, sharedClients)
	for i := range clients {
		var err error
		if clients[i], err = etcd.New(agent.Client(etcd.Config{Endpoints: c.Endpoints()})); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(clients[i].Close)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	for i := range manyAgents {
		running.Go(func() {
			if err := f(ctx, clients[i%sharedClients], i); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		})
	}
	b.Cleanup(func() { cancel(); running.Wait() })
}

// reach pushes a config whose first metric is another one than before, and
// returns how long it took to reach each of manyAgents.
func reach(b *testing.B, client *etcd.Client, key, metric string, reached <-chan string) (took []time.Duration) {
	b.Helper()
	began := time.Now()
	if _, err := client.Put(b.Context(), key, fmt.Sprintf(`{"interval": 600, "metrics": [%q]}`, metric)); err != nil {
		b.Fatal(err)
	}
	timeout := time.After(patient)
	for len(took) < manyAgents {
		select {
		case got := <-reached:
			if got == metric { // and not what was in force before the first push
				took = append(took, time.Since(began))
			}
		case <-timeout:
			b.Fatalf("%d of %d have %q after %v", len(took), manyAgents, metric, patient)
		}
	}
	return took
}
