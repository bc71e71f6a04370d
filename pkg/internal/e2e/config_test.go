//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func testConfig(t *testing.T) {
	every := nodeNames(t)
	file := filepath.Join(t.TempDir(), "fast.json")
	if err := os.WriteFile(file, []byte(`{"interval": 1, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	monitor(t, "config", "apply", "--all", "-f", file, "--wait").ends(t, 7).says(t, "--yes") // not a terminal
	r := monitor(t, "config", "apply", "--all", "-f", file, "--yes", "--wait").ok(t)
	t.Logf("pushed to %d nodes and applied: %s", len(every), r.stderr)
	s := status(t)
	for _, name := range every {
		if n, _ := node(s, name); n.Interval != 1 || n.ConfigRevision < n.WantedRevision {
			t.Errorf("node %s has not applied it: %+v", name, n)
		}
	}

	// A conflict writes nothing.
	read := decode[model.ConfigList](t, monitor(t, "config", "get", "--host", every[0], "-o", "json").ok(t))
	if len(read.Items) == 0 {
		t.Fatalf("no config of %s", every[0])
	}
	monitor(t, "config", "set", "--host", every[0], "interval=2", "--yes").ok(t)
	conflict := filepath.Join(t.TempDir(), "read.json")
	data := monitor(t, "config", "get", "--host", every[0], "-o", "json").ok(t).stdout
	if err := os.WriteFile(conflict, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	monitor(t, "config", "set", "--host", every[0], "interval=1", "--yes", "--wait").ok(t)
	monitor(t, "config", "apply", "-f", conflict, "--yes").ends(t, 6)
	got := decode[model.ConfigList](t, monitor(t, "config", "get", "--host", every[0], "-o", "json").ok(t))
	if len(got.Items) != 1 || got.Items[0].Revision <= read.Items[0].Revision {
		t.Errorf("after the conflict: %+v", got.Items)
	}
	monitor(t, "rollout", "--wait").ok(t)
}
