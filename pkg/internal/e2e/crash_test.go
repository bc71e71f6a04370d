//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// testNodeCrash ends a node with all that runs on it, as a power cut would.
func testNodeCrash(t *testing.T) { loseNode(t, "crash", "revive", "2") }

// testNodeCut unplugs a node's network.
func testNodeCut(t *testing.T) { loseNode(t, "cut", "mend", "3") }

// loseNode ends a node and brings it back.
func loseNode(t *testing.T, end, mend, number string) {
	every := nodeNames(t)
	healthy(t, len(every))
	i := slices.IndexFunc(every, func(name string) bool { return strings.HasSuffix(name, "-"+number) })
	if i < 0 {
		t.Fatalf("no node %s among %q", number, every)
	}
	lost := every[i]
	limit := 7 * time.Second
	if leads(t, lost) {
		limit = 10 * time.Second
	}

	told := watchNode(t, lost)
	toNode(t, end, number)
	begin := time.Now()
	mended := false
	t.Cleanup(func() {
		if !mended {
			t.Errorf("node %s stays ended", lost)
		}
	})
	told.until(t, "Dead", func(n model.Node) bool { return n.State == model.NodeDead })
	took := time.Since(begin)
	ready := kubectl(t, "get", "node", lost, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`).ok(t).stdout
	seen := told.until(t, "told why", func(n model.Node) bool { return strings.Contains(n.Reason, "node down") })
	why := time.Since(begin)
	t.Logf("%s is Dead after %v (limit %v), and after %v %q; Kubernetes says Ready: %s", lost, took.Round(10*time.Millisecond), limit, why.Round(10*time.Millisecond), seen.Reason, ready)
	if why > limit {
		t.Errorf("%s is Dead after %v, and it is told why after %v; want %v", lost, took, why, limit)
	}
	if ready != "True" {
		t.Errorf("Kubernetes says Ready: %q so early", ready)
	}
	s := status(t)
	onlyOneDead(t, s, lost)
	if n, _ := node(s, lost); n.State != model.NodeDead || !strings.Contains(n.Reason, "node down") {
		t.Errorf("status shows %s as %s, %q", lost, n.State, n.Reason)
	}

	// What ran there fails over: a raft leader and an aggregator lead.
	eventually(t, 30*time.Second, "leaders", func() (bool, any) {
		s := status(t)
		onlyOneDead(t, s, lost)
		return s.Leader.Name != "" && s.Aggregator.State == model.Leads && s.Verdict == model.Degraded, []any{s.Verdict, s.Reasons, s.Leader, s.Aggregator}
	})
	toNode(t, mend, number)
	mended = true
	back := time.Now()
	eventually(t, 3*time.Minute, lost+" to be Alive", func() (bool, any) {
		n, _ := node(status(t), lost)
		return n.State == model.NodeAlive, n
	})
	t.Logf("%s is Alive %v after its return", lost, time.Since(back).Round(time.Second))
	healthy(t, len(every))
	monitor(t, "events", "--host", lost).ok(t).says(t, "died").says(t, "returned")
}

// watched is what `nodes -w` tells of one node.
type watched struct {
	name  string
	lines chan string
	last  model.Node
}

func watchNode(t *testing.T, name string) *watched {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, "nodes", "-w", "-o", "json")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w := &watched{name: name, lines: make(chan string, 10_000)}
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		s := bufio.NewScanner(out)
		for s.Buffer(nil, 1<<20); s.Scan(); {
			w.lines <- s.Text()
		}
		close(w.lines)
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		<-reading
		_ = c.Wait()
	})
	w.until(t, "Alive", func(n model.Node) bool { return n.State == model.NodeAlive })
	return w
}

// until waits until the node is as ok says. No other node may be shown Dead.
func (w *watched) until(t *testing.T, what string, ok func(model.Node) bool) model.Node {
	t.Helper()
	end := time.After(time.Minute)
	for !ok(w.last) {
		select {
		case <-end:
			t.Fatalf("%s is not %s within a minute: %+v", w.name, what, w.last)
		case line, open := <-w.lines:
			if !open {
				t.Fatal("nodes -w has ended")
			}
			var list model.NodeList
			if err := json.Unmarshal([]byte(line), &list); err != nil {
				t.Fatal(err)
			}
			for _, n := range list.Items {
				switch {
				case n.Name == w.name:
					w.last = n
				case n.State == model.NodeDead:
					t.Errorf("node %s lives, and is shown Dead: %s", n.Name, n.Reason)
				}
			}
		}
	}
	return w.last
}

// onlyOneDead checks that no other node is shown Dead.
func onlyOneDead(t *testing.T, s model.Status, lost string) {
	t.Helper()
	for _, n := range s.Nodes {
		if n.State == model.NodeDead && n.Name != lost {
			t.Errorf("node %s lives, and is shown Dead: %s", n.Name, n.Reason)
		}
	}
}

// leads reports whether the raft leader is on a node.
func leads(t *testing.T, name string) bool {
	t.Helper()
	s := status(t)
	on := kubectl(t, "get", "pod", s.Leader.Name, "-n", namespace, "-o", "jsonpath={.spec.nodeName}").ok(t).stdout
	return on == name
}
