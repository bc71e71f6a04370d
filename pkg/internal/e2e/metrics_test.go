//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// reader is a pod that sees the host's /proc as a person on the node does.
const reader = `{apiVersion: v1, kind: Pod, metadata: {name: e2e-reader, namespace: monitor}, spec: {nodeName: NODE, restartPolicy: Never,
	terminationGracePeriodSeconds: 0, tolerations: [{operator: Exists}],
	containers: [{name: reader, image: "busybox:1", imagePullPolicy: IfNotPresent, command: [sleep, "600"], volumeMounts: [{name: proc, mountPath: /host/proc, readOnly: true}]}],
	volumes: [{name: proc, hostPath: {path: /proc}}]}}`

// measured is how long the two are compared, but for the first heartbeats, which
// tell of the time before.
const (
	measured = 10 * time.Second
	settled  = 2
)

// testMetrics compares what an agent reports with the node's own /proc.
func testMetrics(t *testing.T) {
	name := nodeNames(t)[0]
	monitor(t, "config", "set", "--host", name, "interval=1", "metrics=cpu,memory,disk read,disk write,net in,net out", "--yes", "--wait").ok(t)
	apply(t, strings.ReplaceAll(reader, "NODE", name)).ok(t)
	t.Cleanup(func() {
		_ = exec.Command("kubectl", "delete", "pod", "e2e-reader", "-n", agentNamespace, "--wait=false").Run()
	})
	kubectl(t, "wait", "pod/e2e-reader", "-n", agentNamespace, "--for=condition=Ready", "--timeout=60s").ok(t)

	watching := exec.CommandContext(t.Context(), program, "nodes", name, "-w", "-o", "json")
	out, err := watching.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watching.Start(); err != nil {
		t.Fatal(err)
	}
	before := counters(t)
	told := make(map[string][]float64)
	end := time.After(measured)
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
reading:
	for {
		select {
		case <-end:
			break reading
		case line, open := <-lines:
			if !open {
				break reading
			}
			var list model.NodeList
			if err := json.Unmarshal([]byte(line), &list); err != nil {
				t.Fatal(err)
			}
			for _, n := range list.Items {
				for metric, value := range n.Metrics {
					told[metric] = append(told[metric], value)
				}
			}
		}
	}
	after := counters(t)
	_ = watching.Process.Kill()
	for range lines { // until it is closed
	}
	_ = watching.Wait()

	took := after.at.Sub(before.at).Seconds()
	rate := func(what string) float64 { return (after.of[what] - before.of[what]) / took }
	for metric, want := range map[string]float64{
		"cpu":        100 * (1 - rate("idle")/rate("jiffies")),
		"memory":     100 * (1 - after.of["available"]/after.of["total"]),
		"disk read":  rate("read") * 512,
		"disk write": rate("written") * 512,
		"net in":     rate("received"),
		"net out":    rate("sent"),
	} {
		got := mean(told[metric][min(settled, len(told[metric])):])
		t.Logf("%s: the agent says %.4g on average of %d heartbeats, /proc %.4g", metric, got, len(told[metric]), want)
		// Both look at the same counters, at moments up to a second apart.
		slack := 0.4*math.Abs(want) + map[string]float64{"cpu": 10, "memory": 3}[metric]
		if metric != "cpu" && metric != "memory" {
			slack += 1 << 20
		}
		if len(told[metric]) < 5 || math.Abs(got-want) > slack {
			t.Errorf("%s: the agent says %.4g on average of %d heartbeats, and /proc %.4g", metric, got, len(told[metric]), want)
		}
	}
}

func mean(of []float64) float64 {
	sum := 0.0
	for _, v := range of {
		sum += v
	}
	return sum / float64(max(1, len(of)))
}

// snapshot is what the kernel has counted at a moment.
type snapshot struct {
	at time.Time
	of map[string]float64
}

func counters(t *testing.T) snapshot {
	t.Helper()
	text := kubectl(t, "exec", "e2e-reader", "-n", agentNamespace, "--", "cat",
		"/host/proc/stat", "/host/proc/meminfo", "/host/proc/diskstats", "/host/proc/1/net/dev").ok(t).stdout
	s := snapshot{time.Now(), make(map[string]float64)}
	for line := range strings.Lines(text) {
		s.read(strings.Fields(strings.ReplaceAll(line, ":", ": ")))
	}
	return s
}

// within begins the names of interfaces whose traffic stays on the host.
var within = []string{"lo:", "ifb", "br-", "cni", "veth", "docker", "dummy", "vxlan", "flannel", "cali", "kube-"}

func (s snapshot) read(f []string) {
	number := func(i int) float64 { v, _ := strconv.ParseFloat(f[i], 64); return v }
	switch {
	case len(f) > 8 && f[0] == "cpu":
		for i := 1; i <= 8; i++ { // guest time is in user time
			s.of["jiffies"] += number(i)
		}
		s.of["idle"] = number(4) + number(5)
	case len(f) > 1 && f[0] == "MemTotal:":
		s.of["total"] = number(1)
	case len(f) > 1 && f[0] == "MemAvailable:":
		s.of["available"] = number(1)
	case len(f) >= 14 && wholeDisk(f[2]):
		s.of["read"] += number(5)
		s.of["written"] += number(9)
	case len(f) >= 17 && strings.HasSuffix(f[0], ":") && !slices.ContainsFunc(within, func(prefix string) bool { return strings.HasPrefix(f[0], prefix) }):
		s.of["received"] += number(1)
		s.of["sent"] += number(9)
	}
}

// wholeDisk tells disks from partitions and from what is made of disks.
func wholeDisk(name string) bool {
	if strings.HasPrefix(name, "nvme") {
		return !strings.Contains(name[4:], "p")
	}
	return (strings.HasPrefix(name, "sd") || strings.HasPrefix(name, "vd") || strings.HasPrefix(name, "xvd")) && strings.TrimRight(name, "0123456789") == name
}
