package sensor

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/shirou/gopsutil/v3/load"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func loadSensor() Sensor { return gauge{model.MetricLoad1, load1} }

// load1 returns the load average of the last minute: processes that run or
// want to, and on Linux those that wait for a disk.
func load1(ctx context.Context) (float64, error) {
	if runtime.GOOS == "windows" {
		// gopsutil imitates one with a goroutine that never ends.
		return 0, fmt.Errorf("read load: windows keeps no load average: %w", errors.ErrUnsupported)
	}
	avg, err := load.AvgWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("read load: %w", err)
	}
	return avg.Load1, nil
}
