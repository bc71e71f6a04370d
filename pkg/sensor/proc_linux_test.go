package sensor

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The tests in this file read the real host's files beside the sensors: before
// and after, since the host does not stand still.

func TestGaugesAgreeWithTheKernel(t *testing.T) {
	kernel := func() map[string]float64 {
		var total, available, load float64
		scan(t, "/proc/meminfo", "MemTotal:", &total)
		scan(t, "/proc/meminfo", "MemAvailable:", &available)
		scan(t, "/proc/loadavg", "", &load)
		var fs syscall.Statfs_t
		if err := syscall.Statfs("/", &fs); err != nil {
			t.Fatal(err)
		}
		used := float64(fs.Blocks - fs.Bfree)
		return map[string]float64{
			model.MetricMemory:   100 * (1 - available/total),
			model.MetricLoad1:    load,
			model.MetricDiskUsed: 100 * used / (used + float64(fs.Bavail)),
		}
	}
	slack := map[string]float64{model.MetricMemory: 2, model.MetricDiskUsed: 1} // percent points
	metrics := []string{model.MetricMemory, model.MetricLoad1, model.MetricDiskUsed}

	before := kernel()
	got := NewSet(WithMinWindow(0)).Sample(t.Context(), metrics)
	after := kernel()
	for _, m := range metrics {
		low, high := min(before[m], after[m])-slack[m], max(before[m], after[m])+slack[m]
		if v, ok := got.Metrics[m]; !ok || v < low || v > high {
			t.Errorf("%q is %v (error %q), the kernel says %v to %v", m, v, got.Errors[m], low, high)
		}
	}
}

func TestCPUOfThisHostIsAPercentage(t *testing.T) {
	set := NewSet(WithMinWindow(0))
	for t.Context().Err() == nil {
		r := set.Sample(t.Context(), []string{model.MetricCPU})
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		if v, ok := r.Metrics[model.MetricCPU]; ok { // after the first clock tick
			if v < 0 || v > 100 {
				t.Errorf("cpu is %v, want 0 to 100", v)
			}
			return
		}
	}
}

func TestNetTrafficAgreesWithTheKernel(t *testing.T) {
	kernel := func(device string) (c traffic) {
		var skip uint64
		scan(t, "/proc/net/dev", device+":", &c.in, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &c.out)
		return c
	}
	got, err := netTraffic(t.Context())
	if err != nil {
		t.Skip(err)
	}
	for device := range got {
		before := kernel(device)
		got, err := netTraffic(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		between(t, device, before, got[device], kernel(device))
	}
}

func TestDiskTrafficAgreesWithTheKernel(t *testing.T) {
	kernel := func(device string) traffic {
		var c traffic
		var skip uint64
		scan(t, "/sys/block/"+device+"/stat", "", &skip, &skip, &c.in, &skip, &skip, &skip, &c.out)
		return traffic{512 * c.in, 512 * c.out}
	}
	got, err := diskTraffic(t.Context())
	if err != nil {
		t.Skip(err)
	}
	for device := range got {
		before := kernel(device)
		got, err := diskTraffic(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		between(t, device, before, got[device], kernel(device))
	}
}

func between(t *testing.T, device string, before, got, after traffic) {
	t.Helper()
	if got.in < before.in || got.out < before.out || got.in > after.in || got.out > after.out || got.in == 0 {
		t.Errorf("%s moved %+v, the kernel says %+v to %+v", device, got, before, after)
	}
}

// scan reads what follows the prefix on the first line that begins with it.
func scan(t *testing.T, file, prefix string, into ...any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
			if _, err := fmt.Sscan(rest, into...); err != nil {
				t.Fatalf("scan %q in %q: %v", line, file, err)
			}
			return
		}
	}
	t.Fatalf("no line of %q begins with %q", file, prefix)
}
