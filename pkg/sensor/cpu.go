package sensor

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/cpu"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// busy is the Sensor of the percent of all CPUs' time, 0 to 100, in which they
// were not idle. It takes differences of its own: gopsutil's cpu.Percent sleeps
// or shares its last reading with the whole process.
type busy struct {
	read func(context.Context) ([]cpu.TimesStat, error)
	last *cpu.TimesStat // nil before the first reading
}

func cpuSensor() Sensor {
	return &busy{read: func(ctx context.Context) ([]cpu.TimesStat, error) {
		return cpu.TimesWithContext(ctx, false)
	}}
}

func (b *busy) Metrics() []string { return []string{model.MetricCPU} }

func (b *busy) Forget() { b.last = nil }

func (b *busy) Read(ctx context.Context) (map[string]float64, error) {
	times, err := b.read(ctx)
	if err == nil && len(times) == 0 {
		// On Linux gopsutil takes an unreadable file for an empty one.
		err = fmt.Errorf("no line for all CPUs in %q", hostPath(ctx, common.HostProcEnvKey, "/proc", "stat"))
	}
	if err != nil {
		return nil, fmt.Errorf("read CPU times: %w", err)
	}
	last, now := b.last, times[0]
	if last == nil {
		b.last = &now
		return nil, nil
	}
	percent, ok := busyPercent(*last, now)
	if !ok {
		return nil, nil // no clock tick since: last stays, to measure from it
	}
	b.last = &now
	return map[string]float64{model.MetricCPU: percent}, nil
}

// busyPercent returns the busy share of the time between two readings, and
// false where no time passed by their clock.
//
// Waiting for I/O is idle. Stolen time is busy: the host had work, and a host
// that its hypervisor starves must not look idle. Guest time is not added, for
// Linux counts it in user and nice already (proc_stat(5)). Each field is taken
// by itself since idle and iowait are known to go back.
func busyPercent(last, now cpu.TimesStat) (float64, bool) {
	work := gain(last.User, now.User) + gain(last.Nice, now.Nice) + gain(last.System, now.System) +
		gain(last.Irq, now.Irq) + gain(last.Softirq, now.Softirq) + gain(last.Steal, now.Steal)
	idle := gain(last.Idle, now.Idle) + gain(last.Iowait, now.Iowait)
	if work+idle <= 0 {
		return 0, false
	}
	return 100 * work / (work + idle), true
}
