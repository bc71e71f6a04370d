package sensor

import (
	"context"
	"errors"
	"fmt"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/disk"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func diskUsedSensor() Sensor { return gauge{model.MetricDiskUsed, usedDisk} }

// usedDisk returns the used percent of the root file system, 0 to 100, as df
// computes it: of what an unprivileged user could fill. It asks for no other
// file system than the root, and may still hang where that is on a network.
func usedDisk(ctx context.Context) (float64, error) {
	root := hostPath(ctx, common.HostRootEnvKey, "/")
	usage, err := disk.UsageWithContext(ctx, root)
	if err == nil && usage.Total == 0 {
		err = errors.New("it has no size")
	}
	if err != nil {
		return 0, fmt.Errorf("read usage of file system %q: %w", root, err)
	}
	return usage.UsedPercent, nil
}
