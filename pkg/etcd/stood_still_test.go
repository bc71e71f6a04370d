//go:build unix

package etcd_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

const (
	stoodStillEndpoints = "TEST_STOOD_STILL_ENDPOINTS" // makes this test the process that is stopped
	stoodStillLeases    = 20                           // each with a client of its own
	stoodStillTTL       = 4 * time.Second
)

// Agents that stood still together must not all ask who leads when they go on, instead of
// reading the answers that wait for them and asking for the renewals that are due.
func TestProcessThatStoodStillListensFirst(t *testing.T) {
	t.Parallel()
	if endpoints := os.Getenv(stoodStillEndpoints); endpoints != "" {
		holdLeases(t, strings.Split(endpoints, ","))
		return
	}
	c := testcluster.Start(t, 1)
	holder := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$") //nolint:gosec // this program
	holder.Env = append(os.Environ(), stoodStillEndpoints+"="+strings.Join(c.Endpoints(), ","))
	var output bytes.Buffer
	holder.Stderr = &output
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = holder.Process.Kill()
		_ = holder.Wait()
	})
	lines := bufio.NewScanner(stdout)
	next := func(format string, a ...any) {
		t.Helper()
		for lines.Scan() {
			if _, err := fmt.Sscanf(lines.Text(), format, a...); err == nil {
				return
			}
			fmt.Fprintln(&output, lines.Text())
		}
		t.Fatalf("no %q; %s", format, output.String())
	}
	var ready, questions int
	next("ready %d", &ready)
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := holder.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(stoodStillTTL * 55 / 100)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	next("questions %d", &questions)
	if ready != stoodStillLeases || questions > stoodStillLeases/10 {
		t.Errorf("%d questions of %d leases", questions, ready)
	}
}

// holdLeases holds leases until its input ends, and tells how many questions were asked.
func holdLeases(t *testing.T, endpoints []string) {
	t.Helper()
	var questions atomic.Int64
	for range stoodStillLeases {
		client, err := etcd.New(etcd.Config{Endpoints: endpoints, Trace: func(call etcd.Call) {
			if call.Method == "Status" {
				questions.Add(1)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		if _, err := client.NewLease(t.Context(), stoodStillTTL); err != nil {
			t.Fatal(err)
		}
		time.Sleep(stoodStillTTL * 2 / 5 / stoodStillLeases) // renewals at all times
	}
	time.Sleep(stoodStillTTL / 2) // each has been renewed, and has found the leader
	questions.Store(0)
	fmt.Printf("ready %d\n", stoodStillLeases)
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Printf("questions %d\n", questions.Load())
}
