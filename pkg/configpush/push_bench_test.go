package configpush_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// BenchmarkPush is a plan and its push for one host, on three members that share
// this machine and do not sync to disk.
func BenchmarkPush(b *testing.B) { benchmarkPush(b, 1) }

// BenchmarkPush300 is the same for 300 hosts.
func BenchmarkPush300(b *testing.B) { benchmarkPush(b, 300) }

func benchmarkPush(b *testing.B, hosts int) {
	b.Helper()
	a := user(b, testcluster.Start(b, 3).Pool(), "anna@laptop")
	push := func(n int) *configpush.Result {
		return a.push(fleet(hosts, fmt.Sprintf(`{"interval": %d, "metrics": ["cpu", "memory"]}`, 1+n%2))...)
	}
	push(1) // connects
	for n := 0; b.Loop(); n++ {
		if r := push(n); len(r.Hosts) != hosts {
			b.Fatalf("%d hosts written", len(r.Hosts))
		}
	}
}
