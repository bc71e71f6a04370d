package bench

import (
	"context"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// usage measures what a process of this machine uses. Of one that is elsewhere, or
// has ended, it knows nothing.
type usage struct {
	name   string
	of     *process.Process // nil: not here
	began  time.Time
	before float64 // seconds of processor time
	memory int64   // bytes, the most so far
}

// startUsage begins to measure a process; pid 0 is none.
func startUsage(ctx context.Context, name string, pid int) *usage {
	u := &usage{name: name, began: time.Now()}
	if pid <= 0 || pid > math.MaxInt32 {
		return u
	}
	p, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return u
	}
	times, err := p.TimesWithContext(ctx)
	if err != nil {
		return u
	}
	u.of, u.before = p, times.User+times.System
	u.sample(ctx)
	return u
}

// sample looks at the memory.
func (u *usage) sample(ctx context.Context) {
	if u.of == nil {
		return
	}
	if m, err := u.of.MemoryInfoWithContext(ctx); err == nil {
		u.memory = max(u.memory, int64(m.RSS))
	}
}

func (u *usage) finish(ctx context.Context) model.BenchProcess {
	p := model.BenchProcess{Name: u.name}
	if u.of == nil {
		return p
	}
	u.sample(ctx)
	if u.memory > 0 {
		p.Memory = new(u.memory)
	}
	if times, err := u.of.TimesWithContext(ctx); err == nil {
		p.CPU = new(100 * (times.User + times.System - u.before) / time.Since(u.began).Seconds())
	}
	return p
}

// usages are those of this process and of the members.
type usages struct {
	load    *usage
	members []*usage
}

func startUsages(ctx context.Context, list []model.Member, processes map[string]int) *usages {
	all := &usages{load: startUsage(ctx, "this process", os.Getpid())}
	names := make(map[string]bool)
	for _, m := range list {
		names[m.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all.members = append(all.members, startUsage(ctx, name, processes[name]))
	}
	return all
}

func (u *usages) sample(ctx context.Context) {
	for _, one := range append(u.members, u.load) {
		one.sample(ctx)
	}
}
