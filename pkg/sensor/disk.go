package sensor

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/disk"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func diskSensor() Sensor {
	return &rate{in: model.MetricDiskRead, out: model.MetricDiskWrite, read: diskTraffic}
}

// diskTraffic returns what each physical disk has read and written.
func diskTraffic(ctx context.Context) (map[string]traffic, error) {
	// Named disks alone: gopsutil looks up serial number and label, several
	// files each, of every device that it returns.
	names, err := physicalDisks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list disks: %w", err)
	}
	stats, err := disk.IOCountersWithContext(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("read disk counters: %w", err)
	}
	sum := make(map[string]traffic, len(stats))
	for name, s := range stats {
		sum[name] = traffic{in: s.ReadBytes, out: s.WriteBytes}
	}
	return sum, nil
}
