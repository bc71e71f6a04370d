package cmd_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// BenchmarkLeaderKill crashes the leader of the local cluster's members b.N times
// and reports the longest times without an acknowledged write. "ms-limit" is the
// election timeout, and a second for clients to find the new leader.
func BenchmarkLeaderKill(b *testing.B) {
	c := upped(b, build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor"))
	out := c.run("leader-kill", "etcd", "--runs", fmt.Sprint(b.N), "--yes", "-o", "json")
	var d model.Drill
	if err := json.Unmarshal(out, &d); err != nil {
		b.Fatalf("read what leader-kill tells: %v", err)
	}
	for _, broken := range d.Broken() {
		b.Errorf("%s %s: %d of %d", broken.Of, broken.Fault, broken.Broken, broken.Checked)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1000*(d.ElectionTimeout+1), "ms-limit")
	for _, s := range d.Gaps {
		if s.Gap == model.GapWrites {
			b.ReportMetric(1000*s.P50, "ms-p50")
			b.ReportMetric(1000*s.P99, "ms-p99")
			b.ReportMetric(1000*s.Max, "ms-max")
		}
	}
}
