//go:build e2e

package e2e

import (
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func testLeaderKill(t *testing.T) {
	monitor(t, "leader-kill", "demo").ends(t, 7).says(t, "--yes") // disruptive, and not a terminal
	r := monitor(t, "leader-kill", "demo", "--runs", "3", "--yes", "-o", "json").ok(t)
	d := decode[model.Drill](t, r)
	t.Logf("in %v: %s", r.took, r.stderr)
	if len(d.Runs) != 6 {
		t.Errorf("%d runs, want 3 of etcd and 3 of the aggregators", len(d.Runs))
	}
	for _, run := range d.Runs {
		t.Logf("%s %s: %v", run.Target, run.Name, run.Gaps)
	}
	if broken := d.Broken(); len(broken) > 0 {
		t.Errorf("broken promises: %+v", broken)
	}
	of := make(map[string]int)
	for _, p := range d.Proof {
		of[p.Of] = p.Checked
		t.Logf("%s: %d, %s %d", p.Of, p.Checked, p.Fault, p.Broken)
	}
	if of["acknowledged writes"] == 0 || of["nodes"] == 0 {
		t.Errorf("the proof says nothing of writes or nodes: %v", of)
	}
	healthy(t, len(nodeNames(t)))
}
