package sensor

import (
	"context"
	"errors"

	gopsutil "github.com/shirou/gopsutil/v3/host"
)

// MachineID is the id that tells this machine from every other: the firmware's,
// else the operating system's.
func MachineID(ctx context.Context) (string, error) {
	id, err := gopsutil.HostIDWithContext(ctx)
	if err == nil && id == "" {
		err = errors.New("this machine has no id")
	}
	return id, err
}
