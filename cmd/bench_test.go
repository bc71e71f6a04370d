package cmd_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkCommands times whole processes of the built program, side by side with
// etcdctl on the same cluster: cold starts, as a user has them.
func BenchmarkCommands(b *testing.B) {
	ours := build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor")
	etcdctl := build(b, "etcdctl", "go.etcd.io/etcd/etcdctl/v3")
	c := upped(b, ours)
	urls, err := memberURLs(c.run("local", "status", "-o", "json"))
	if err != nil {
		b.Fatal(err)
	}
	c.env = append(c.env, "ETCDCTL_ENDPOINTS="+urls)
	for _, m := range []struct {
		name string
		runs [][]string
	}{
		{"help", [][]string{{ours, "--help"}}},
		{"status", [][]string{{ours, "status"}}},
		{"etcdctl-status-and-get", [][]string{
			{etcdctl, "endpoint", "status", "--cluster"},
			{etcdctl, "get", "--prefix", "/monitor/"},
		}},
		{"nodes", [][]string{{ours, "nodes"}}},
		{"members", [][]string{{ours, "members"}}},
	} {
		b.Run(m.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				for _, run := range m.runs {
					if err := c.command(run[0], run[1:]...).Run(); err != nil {
						b.Fatalf("%v: %v", run, err)
					}
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
		})
	}
}

func build(b *testing.B, name, pkg string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
	c.Env = append(c.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return path
}
