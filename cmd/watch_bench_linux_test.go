package cmd_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

const (
	changesPerSecond = 1000
	watchWarmUp      = 3 * time.Second
	watchWindow      = 10 * time.Second
)

// BenchmarkWatch10000 measures the processor time of `nodes -w` on 10,000 nodes
// with 1,000 changes a second: in a pipe, on a terminal of 80 columns and 24
// lines, and, beside them on the same changes, that of etcdctl's watch in a pipe.
func BenchmarkWatch10000(b *testing.B) {
	f := newFleet(b)
	watchers := map[string]*exec.Cmd{
		"pipe":     f.command(f.program, "nodes", "-w"),
		"terminal": f.command(f.program, "nodes", "-w"),
		"etcdctl":  f.command(f.etcdctl, "watch", "--prefix", keys.HeartbeatPrefix),
	}
	for name, c := range watchers {
		if name == "terminal" {
			screen := onTerminal(b, c)
			go func() { _, _ = io.Copy(io.Discard, screen) }()
		} else {
			out, err := c.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, out) }()
			if err := c.Start(); err != nil {
				b.Fatal(err)
			}
		}
		b.Cleanup(func() {
			_ = c.Process.Signal(os.Interrupt)
			_ = c.Wait() // interrupted
		})
	}

	ctx, cancel := context.WithCancel(b.Context())
	var made int
	changing := make(chan error, 1)
	began := time.Now()
	go func() {
		var err error
		made, err = f.change(ctx, changesPerSecond)
		changing <- err
	}()
	time.Sleep(watchWarmUp)
	before := make(map[string]float64)
	for name, c := range watchers {
		before[name] = processorTime(b, c)
	}
	from := time.Now()
	time.Sleep(watchWindow)
	for name, c := range watchers {
		share := (processorTime(b, c) - before[name]) / time.Since(from).Seconds()
		b.ReportMetric(100*share, "%-"+name)
	}
	cancel()
	if err := <-changing; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(made)/time.Since(began).Seconds(), "changes/s")
}

// processorTime is what a running process has used, in seconds.
func processorTime(b *testing.B, c *exec.Cmd) float64 {
	b.Helper()
	p, err := procfs.NewProc(c.Process.Pid)
	if err != nil {
		b.Fatal(err)
	}
	s, err := p.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return s.CPUTime()
}
