package sensor_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shirou/gopsutil/v3/common"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

// fixture is a context in which the host is mounted elsewhere: its /proc from
// a tree under testdata, its /sys and / from directories.
func fixture(ctx context.Context, tree, sys, root string) context.Context {
	return context.WithValue(ctx, common.EnvKey, common.EnvMap{
		common.HostProcEnvKey: "testdata/" + tree + "/proc",
		common.HostSysEnvKey:  sys,
		common.HostRootEnvKey: root,
	})
}

func TestHostMountedInAContainerIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := sensor.NewSet(sensor.WithMinWindow(0))
		metrics := slices.DeleteFunc(model.MetricNames(), func(m string) bool { return m == model.MetricDiskUsed })

		check(t, set.Sample(fixture(t.Context(), "first", "testdata/sys", "/"), metrics),
			values{model.MetricMemory: 25, model.MetricLoad1: 1.25}, reasons{})

		time.Sleep(10 * time.Second)
		got := set.Sample(fixture(t.Context(), "second", "testdata/sys", "/"), metrics)
		want := values{
			model.MetricCPU:       27.5,                      // 550 of 2000 ticks: guest not twice, iowait idle, steal busy
			model.MetricMemory:    37.5,                      // 3 of 8 GB not available
			model.MetricDiskRead:  (2000 + 20000) * 512 / 10, // sda and nvme0n1
			model.MetricDiskWrite: 4000 * 512 / 10,
			model.MetricNetIn:     (40000 + 1000) / 10, // eth0 and ens5
			model.MetricNetOut:    (10000 + 1000) / 10,
			model.MetricLoad1:     2.5,
		}
		if diff := cmp.Diff(sensor.Reading{Metrics: want, Errors: reasons{}}, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("reading (-want +got):\n%s", diff)
		}
	})
}

func TestHostThatCannotBeReadGivesAReasonForEachMetric(t *testing.T) {
	for _, tree := range []string{"broken", "missing"} {
		ctx := fixture(t.Context(), tree, "testdata/sys", "testdata/nowhere")
		got := sensor.NewSet(sensor.WithMinWindow(0)).Sample(ctx, model.MetricNames())
		for _, metric := range model.MetricNames() {
			if tree == "missing" && metric == model.MetricLoad1 {
				continue // gopsutil asks the kernel instead
			}
			if reason := got.Errors[metric]; !strings.HasPrefix(reason, "read ") {
				t.Errorf("%s: %q has error %q, want what could not be read; value %v", tree, metric, reason, got.Metrics[metric])
			}
		}
	}
}

func TestHostWithoutDisksIsNotTakenForAllDevices(t *testing.T) {
	sys := t.TempDir()
	if err := os.Mkdir(filepath.Join(sys, "block"), 0o755); err != nil {
		t.Fatal(err)
	}
	got := sensor.NewSet(sensor.WithMinWindow(0)).Sample(fixture(t.Context(), "first", sys, "testdata"), []string{model.MetricDiskRead})
	if reason := got.Errors[model.MetricDiskRead]; !strings.Contains(reason, "no physical one") {
		t.Errorf("error %q, want that there is no physical disk", reason)
	}
}

func BenchmarkSampleDefaultMetrics(b *testing.B) {
	set, metrics := sensor.NewSet(sensor.WithMinWindow(0)), model.BuiltIn().Metrics
	b.ReportAllocs()
	for b.Loop() {
		if r := set.Sample(b.Context(), metrics); len(r.Errors) > 0 {
			b.Fatal(r.Errors)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/sample")
}
