package cmd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/bench"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// BenchmarkLoad puts the local cluster, whose members sync to disk, under the load
// of many agents, with an aggregator beside it as ever. "most" asks for more than
// the machine carries, and then for etcd's own leased puts from as many callers.
func BenchmarkLoad(b *testing.B) {
	ours := build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor")
	for _, load := range []struct {
		name            string
		agents          int
		interval, lasts string
	}{
		{"5000-at-1s", 5000, "1s", "60s"},
		{"10000-at-5s", 10_000, "5s", "60s"},
	} {
		b.Run(load.name, func(b *testing.B) {
			c := upped(b, ours, "--agents", "0")
			r := c.benchAgents(load.agents, load.interval, load.lasts)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.Heartbeats.Achieved, "heartbeats/s")
			inTime := float64(r.Heartbeats.Count-r.Heartbeats.Late) / (r.Heartbeats.Asked * r.Duration)
			b.ReportMetric(100*max(0, 1-inTime), "%-late")
			b.ReportMetric(float64(r.Nodes.FalselyDead), "nodes-dead")
			b.ReportMetric(1000*r.Put.P99, "ms-put")
			b.ReportMetric(1000*r.PutToView.P99, "ms-view")
			b.ReportMetric(1000*r.PutToWatch.P99, "ms-watch")
		})
	}
	b.Run("most", func(b *testing.B) {
		const callers, heartbeat = 1000, 350 // bytes
		c := upped(b, ours, "--agents", "0")
		r := c.benchAgents(callers, "0.1s", "20s")
		var raw model.BenchEtcd
		c.decode(&raw, "bench", "etcd", "--clients", fmt.Sprint(callers), "--value-size", fmt.Sprint(heartbeat), "--duration", "10s", "-o", "json")
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(r.Heartbeats.Achieved, "heartbeats/s")
		for _, f := range raw.Figures {
			if f.Name == bench.FigureLeasedPut {
				b.ReportMetric(f.Rate, "puts/s")
			}
		}
	})
}

func (c *cluster) benchAgents(count int, interval, lasts string) (r model.BenchAgents) {
	c.Helper()
	c.decode(&r, "bench", "agents", "--count", fmt.Sprint(count), "--interval", interval, "--duration", lasts, "-o", "json")
	return r
}

// decode reads the record that a command prints, also where its exit code says
// that a promise was broken: the record says which.
func (c *cluster) decode(record any, args ...string) {
	c.Helper()
	out, err := c.command(c.program, args...).Output()
	if unread := json.Unmarshal(out, record); unread != nil {
		c.Fatalf("read what %v prints: %v", args, errors.Join(err, unread))
	}
}
