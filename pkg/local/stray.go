package local

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/process"
)

// strays finds processes that run from the state directory and are not in the
// record, by the program that they run. There are none unless somebody
// has removed or spoilt the record.
func (c *Cluster) strays(ctx context.Context, known []*record) ([]*record, error) {
	pids, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for processes without a record: %w", err)
	}
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	dir := c.dir
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	binary := filepath.Join(dir, binDir, binaryName)

	var found []*record
	for _, pid := range pids {
		if !runsFrom(ctx, &process.Process{Pid: pid}, binary) {
			continue
		}
		s, err := lookUp(int(pid))
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		r := &record{Name: fmt.Sprintf("pid %d", pid), Run: &run{PID: int(pid), Boot: boot, Start: s.start}}
		if !slices.ContainsFunc(known, func(k *record) bool { return k.Run.same(r.Run) }) {
			found = append(found, r)
		}
	}
	return found, nil
}

// runsFrom reports whether p is a process of a cluster that runs binary. A process
// that cannot be looked into is another user's, or gone.
func runsFrom(ctx context.Context, p *process.Process, binary string) bool {
	// The name first: for the rest gopsutil runs lsof and ps on macOS.
	name, err := p.NameWithContext(ctx)
	if err != nil || name != binaryName {
		return false
	}
	exe, err := p.ExeWithContext(ctx)
	// Linux says so where the file was removed or replaced.
	if err != nil || strings.TrimSuffix(exe, " (deleted)") != binary {
		return false
	}
	args, err := p.CmdlineSliceWithContext(ctx)
	return err == nil && len(args) > 1 && slices.Contains([]string{memberCommand, agentCommand, aggregatorCommand}, args[1])
}

func (r *run) same(o *run) bool {
	return r != nil && r.PID == o.PID && r.Boot == o.Boot && r.Start == o.Start
}
