//go:build !linux

package sensor

import "context"

// physicalDisks returns no names, which asks gopsutil for all that it knows:
// whole disks on darwin, fixed drives on Windows.
func physicalDisks(context.Context) ([]string, error) { return nil, nil }
