package bench

import (
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v3/mem"
)

const (
	// garbagePart of the memory that is free is what a process that runs a fleet may
	// take before its garbage is collected.
	garbagePart = 3
	// collectorPercent is how much the heap may grow until it is collected where that
	// part would be reached sooner.
	collectorPercent = 400
	// agentSize is what one agent keeps in memory, half of it stacks.
	agentSize = 40 << 10
)

// collectSeldom makes a process that runs so many agents be collected more seldom,
// unless its environment says when, until the function that it returns is called. The
// agents of a fleet stand still together while garbage is collected, as those of a
// cluster never do: on a busy machine for longer than a lease lives.
func collectSeldom(ctx context.Context, agents int) (asBefore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, limit := collection(int64(agents), freeMemory(ctx))
	percent = debug.SetGCPercent(percent)
	limit = debug.SetMemoryLimit(limit)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// collection is when a process with so many agents is to be collected, in the terms of
// runtime/debug; a percent or limit that is negative is none.
func collection(agents, free int64) (percent int, limit int64) {
	if limit = free / garbagePart; limit > agents*agentSize*(100+collectorPercent)/100 {
		return -1, limit
	}
	return collectorPercent, -1
}

// containerLimit has the memory that a container may use, in bytes or as "max".
const containerLimit = "/sys/fs/cgroup/memory.max"

// freeMemory is the memory that is there for new use, in bytes; 0 where it is not known.
func freeMemory(ctx context.Context) int64 {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0
	}
	free := int64(m.Available) //nolint:gosec // bytes of memory
	if text, err := os.ReadFile(containerLimit); err == nil {
		if most, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			free = min(free, most)
		}
	}
	return free
}
