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
	c.env = append(c.env, "ETCDCTL_ENDPOINTS="+c.memberURLs(b))
	etcdctlStatus := []string{etcdctl, "endpoint", "status", "--cluster"}
	etcdctlGet := []string{etcdctl, "get", "--prefix", "/monitor/"}
	for _, m := range []struct {
		name string
		runs [][]string
	}{
		{"help", [][]string{{ours, "--help"}}},
		{"status", [][]string{{ours, "status"}}},
		{"etcdctl-status-and-get", [][]string{etcdctlStatus, etcdctlGet}},
		{"nodes", [][]string{{ours, "nodes"}}},
		{"etcdctl-get", [][]string{etcdctlGet}},
		{"members", [][]string{{ours, "members"}}},
		{"etcdctl-status", [][]string{etcdctlStatus}},
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

// memberURLs are the client URLs of the cluster's members, by commas.
func (c *cluster) memberURLs(b *testing.B) string {
	b.Helper()
	urls, err := memberURLs(c.run("local", "status", "-o", "json"))
	if err != nil {
		b.Fatal(err)
	}
	return urls
}

func build(b *testing.B, name, pkg string, flags ...string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	c := exec.Command("go", append(append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", path}, flags...), pkg)...)
	c.Env = append(c.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return path
}
