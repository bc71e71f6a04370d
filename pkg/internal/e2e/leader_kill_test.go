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

// testLeaderKillKinds: a hang, and who may do less.
func testLeaderKillKinds(t *testing.T) {
	r := monitor(t, "leader-kill", "aggregator", "--method", "stop", "--yes", "-o", "json").ok(t)
	d := decode[model.Drill](t, r)
	if len(d.Runs) != 1 || !d.Runs[0].Refused || len(d.Broken()) > 0 {
		t.Errorf("a leader that hung: %+v, broken %+v", d.Runs, d.Broken())
	}
	healthy(t, len(nodeNames(t)))

	// Who may delete pods and nothing more ends a member in good order.
	apply(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: e2e-deleter}, rules: [
			{apiGroups: [""], resources: [pods, nodes, secrets, events, persistentvolumeclaims], verbs: [get, list, watch]},
			{apiGroups: [""], resources: [pods/portforward, pods/log], verbs: [get, create]},
			{apiGroups: [""], resources: [pods], verbs: [delete]},
			{apiGroups: [apps], resources: [statefulsets, daemonsets, deployments], verbs: [get, list, watch]}]},
		{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-deleter}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-deleter},
			subjects: [{kind: User, name: deleter, apiGroup: rbac.authorization.k8s.io}]}]}`).ok(t)
	afterwards(t, "kubectl", "delete", "clusterrole/e2e-deleter", "clusterrolebinding/e2e-deleter")
	monitor(t, "leader-kill", "etcd", "--method", "stop", "--yes", "--as", "deleter").ends(t, 7).says(t, "ephemeralcontainers")
	d = decode[model.Drill](t, monitor(t, "leader-kill", "etcd", "--yes", "--as", "deleter", "-o", "json").ok(t))
	if len(d.Runs) != 1 || d.Runs[0].Graceful == "" || len(d.Broken()) > 0 {
		t.Errorf("a pod that was deleted: %+v, broken %+v", d.Runs, d.Broken())
	}
	healthy(t, len(nodeNames(t)))
}
