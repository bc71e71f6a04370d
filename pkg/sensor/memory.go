package sensor

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/mem"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func memorySensor() Sensor { return gauge{model.MetricMemory, usedMemory} }

// usedMemory returns the percent of memory, 0 to 100, that a new program could
// not have: caches that the kernel would give back are not used.
func usedMemory(ctx context.Context) (float64, error) {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	// On Linux gopsutil takes an unreadable file for an empty one.
	if m.Total == 0 || m.Available > m.Total {
		file := hostPath(ctx, common.HostProcEnvKey, "/proc", "meminfo")
		return 0, fmt.Errorf("read memory from %q: %d bytes available of %d", file, m.Available, m.Total)
	}
	return 100 * float64(m.Total-m.Available) / float64(m.Total), nil
}
