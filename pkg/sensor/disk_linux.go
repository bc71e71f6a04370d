package sensor

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/shirou/gopsutil/v3/common"
)

// physicalDisks names the whole disks with hardware, or a hypervisor, behind
// them: the entries of /sys/block that have a device. Every byte is counted
// once that way: a partition is no entry there, and loop, ram, zram, dm
// (LVM, crypt, multipath) and md have no device and pass their traffic on to
// disks that are counted, or to memory. An NVMe path is hidden, and is counted
// in its multipath disk.
func physicalDisks(ctx context.Context) ([]string, error) {
	dir := hostPath(ctx, common.HostSysEnvKey, "/sys", "block")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if isPhysical(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	if names == nil { // to gopsutil, no names would mean all
		return nil, errors.New("no physical one in " + dir)
	}
	return names, nil
}

func isPhysical(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "device")); err != nil {
		return false
	}
	hidden, _ := os.ReadFile(filepath.Join(dir, "hidden")) // since Linux 4.15
	return len(hidden) == 0 || hidden[0] != '1'
}
