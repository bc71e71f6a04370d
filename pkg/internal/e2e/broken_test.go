//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// testBroken breaks deploys on purpose, in namespaces of their own. Each ends with
// help, and the next deploy mends it.
func testBroken(t *testing.T) {
	afterwards(t, "kubectl", "delete", "namespace", "etcd-b", "monitor-b", "--ignore-not-found")
	within := func(args ...string) []string { return append(args, "-n", "etcd-b", "--agent-namespace", "monitor-b") }
	try := func(t *testing.T, more ...string) result {
		t.Helper()
		return monitor(t, within(deployArgs(more...)...)...)
	}

	t.Run("NoRights", func(t *testing.T) {
		r := try(t, "--as", "nobody").ends(t, 7)
		r.says(t, "may not").says(t, "statefulsets").says(t, "secrets")
		kubectl(t, "get", "namespace", "etcd-b").ends(t, 1)
	})
	t.Run("NoStorageClass", func(t *testing.T) {
		try(t, "--storage-class", "nonesuch").ends(t, 7).says(t, "nonesuch").says(t, "by --storage-class")
		kubectl(t, "get", "namespace", "etcd-b").ends(t, 1)
	})
	t.Run("TooFewNodes", func(t *testing.T) {
		try(t, "--members", "5").ends(t, 7).says(t, "5 members need as many nodes").says(t, "--members")
		kubectl(t, "get", "namespace", "etcd-b").ends(t, 1)
	})
	t.Run("ForeignStatefulSet", func(t *testing.T) {
		kubectl(t, "create", "namespace", "etcd-b").ok(t)
		foreign := apply(t, `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: etcd, namespace: etcd-b}, spec: {replicas: 0, serviceName: x,
			selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: "busybox:1"}]}}}}`)
		foreign.ok(t)
		try(t).ends(t, 7).says(t, "StatefulSet").says(t, "etcd")
		monitor(t, within("undeploy", "--yes")...)
		kubectl(t, "get", "statefulset", "etcd", "-n", "etcd-b").ok(t) // it is not ours to delete
		kubectl(t, "delete", "namespace", "etcd-b").ok(t)
	})
	t.Run("WrongImage", func(t *testing.T) {
		r := monitor(t, within("deploy", "--image", "kubectl-monitor:nonesuch", "--timeout", "20s")...).ends(t, 8)
		r.says(t, "nonesuch").says(t, "(?i)image")
	})
	t.Run("CtrlC", func(t *testing.T) {
		for _, after := range []time.Duration{300 * time.Millisecond, 1200 * time.Millisecond, 2500 * time.Millisecond} {
			monitor(t, within("undeploy", "--yes")...).ok(t)
			interrupt(t, after, within(deployArgs()...)...)
		}
	})
	t.Run("NextDeployMends", func(t *testing.T) {
		try(t).ok(t).says(t, "HEALTHY")
		monitor(t, within("status")...).ok(t).says(t, "HEALTHY")
		monitor(t, within("undeploy", "--delete-data", "--confirm", contextName(t), "--yes")...).ok(t)
		if left := kubectl(t, "get", "pvc", "-n", "etcd-b", "-o", "name"); strings.TrimSpace(left.stdout) != "" {
			t.Errorf("left behind: %v", left)
		}
	})
}

func contextName(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(kubectl(t, "config", "current-context").ok(t).stdout)
}

// apply applies YAML.
func apply(t *testing.T, yaml string) result {
	t.Helper()
	file := t.TempDir() + "/object.yaml"
	if err := os.WriteFile(file, []byte("---\n"+yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubectl(t, "apply", "-f", file)
}

// interrupt runs the program and presses Ctrl-C.
func interrupt(t *testing.T, after time.Duration, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	err := c.Wait()
	// One that was about to end may end well.
	if took := time.Since(asked); c.ProcessState.ExitCode() != 130 && c.ProcessState.ExitCode() != 0 || took > 2*time.Second {
		t.Errorf("interrupted after %v it ends with %d (%v) after %v:\n%s", after, c.ProcessState.ExitCode(), err, took, said.String())
	}
}
