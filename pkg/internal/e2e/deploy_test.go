//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// deployArgs are those of a deploy of the image under test.
func deployArgs(more ...string) []string {
	return append([]string{"deploy", "--image", image}, more...)
}

func testDeploy(t *testing.T) {
	r := monitor(t, deployArgs()...).ok(t)
	t.Logf("from nothing to HEALTHY in %v", r.took.Round(100*time.Millisecond))
	r.says(t, "HEALTHY")

	s := status(t)
	if s.Verdict != model.Healthy || len(s.Members) != 3 || len(s.Errors) > 0 {
		t.Errorf("verdict %s %q, %d members, errors %q", s.Verdict, s.Reasons, len(s.Members), s.Errors)
	}
	want := nodeNames(t)
	for _, name := range want {
		if n, ok := node(s, name); !ok || n.State != model.NodeAlive {
			t.Errorf("node %s has no agent that lives: %+v", name, n)
		}
	}
	if s.Counts.Alive != len(want) || s.Counts.Total != len(want) {
		t.Errorf("%d of %d nodes are alive, want %d", s.Counts.Alive, s.Counts.Total, len(want))
	}
	if s.Aggregator.State != model.Leads || len(s.Aggregator.Standbys) != 1 {
		t.Errorf("want one aggregator to lead and one to stand by: %+v", s.Aggregator)
	}

	before := generations(t)
	r = monitor(t, deployArgs()...).ok(t)
	t.Logf("the second time in %v", r.took.Round(100*time.Millisecond))
	r.says(t, "unchanged").saysNot(t, `\b(created|changed)$`)
	if after := generations(t); after != before {
		t.Errorf("the second deploy has changed something:\n%s\n%s", before, after)
	}
}

// generations tells of every object of ours which version of it this is.
func generations(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, ns := range []string{namespace, agentNamespace} {
		all.WriteString(kubectl(t, "get", "statefulsets,daemonsets,deployments,services,configmaps,secrets,networkpolicies,poddisruptionbudgets,serviceaccounts",
			"-n", ns, "-l", "app.kubernetes.io/managed-by=kubectl-monitor",
			"-o", `jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation} {.data}{"\n"}{end}`).ok(t).stdout)
	}
	return all.String()
}

func node(s model.Status, name string) (model.Node, bool) {
	for _, n := range s.Nodes {
		if n.Name == name {
			return n, true
		}
	}
	return model.Node{}, false
}

// testTools: what is documented for etcd's own tool works as it is.
func testTools(t *testing.T) {
	etcdctl := func(args ...string) result {
		return kubectl(t, append([]string{"exec", "etcd-0", "-n", namespace, "--", "etcdctl"}, args...)...).ok(t)
	}
	etcdctl("member", "list", "-w", "table").says(t, `etcd-0`).says(t, "etcd-1").says(t, "etcd-2")
	etcdctl("put", "e2e", "a value").says(t, "^OK$")
	etcdctl("get", "e2e").says(t, "^a value$")
	etcdctl("del", "e2e").says(t, "^1$")
}

// testSpeed measures what is a goal, and no condition.
func testSpeed(t *testing.T) {
	const runs = 5
	var ours, theirs []time.Duration
	for range runs {
		ours = append(ours, monitor(t, "status").ok(t).took)
		theirs = append(theirs, kubectl(t, "get", "nodes,pods", "-A").ok(t).took)
	}
	t.Logf("status takes %v, kubectl get nodes,pods -A %v (medians of %d)", median(ours), median(theirs), runs)
}

func testUndeploy(t *testing.T) {
	monitor(t, "undeploy").ends(t, 7).says(t, "--yes")
	kubectl(t, "get", "statefulset", "etcd", "-n", namespace).ok(t)
	monitor(t, "undeploy", "--yes").ok(t)
	if left := kubectl(t, "get", "pvc", "-n", namespace, "-o", "name").ok(t); strings.Count(left.stdout, "\n") != 3 {
		t.Errorf("the volumes are to be kept: %v", left)
	}
	kubectl(t, "get", "statefulset", "etcd", "-n", namespace).ends(t, 1)
	monitor(t, "undeploy", "--yes").ok(t) // already so

	// What was kept is there again.
	monitor(t, deployArgs()...).ok(t)
	monitor(t, "config", "get").says(t, "node-1")
	monitor(t, "undeploy", "--delete-data", "--yes").ends(t, 7).says(t, "--confirm")
}
