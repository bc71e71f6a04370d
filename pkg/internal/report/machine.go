package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/version"
	"go.etcd.io/etcd/client/pkg/v3/fileutil"
)

// machine is what the figures were measured on.
type machine struct {
	cpu  string // known once something was measured
	load string // of the last minute, before the first of ours
	sync struct{ p50, p99 time.Duration }
	date time.Time
}

// look finds out what can be known before anything is measured.
func look() (machine, error) {
	m := machine{load: loadAverage(), date: time.Now()}
	took, err := syncs(".", 500)
	if err != nil {
		return m, err
	}
	slices.Sort(took)
	m.sync.p50, m.sync.p99 = took[len(took)/2], took[len(took)*99/100]
	return m, nil
}

// lines tell of the machine above the table.
func (m machine) lines() []string {
	ms := func(d time.Duration) string { return number(float64(d.Microseconds())/1000) + " ms" }
	return []string{
		fmt.Sprintf("- %d cores (%s), %s/%s, load %s before it began", runtime.NumCPU(), m.cpu, runtime.GOOS, runtime.GOARCH, m.load),
		fmt.Sprintf("- disk: a write of 4 KiB and its fdatasync take %s (median), %s (99 %%)", ms(m.sync.p50), ms(m.sync.p99)),
		fmt.Sprintf("- Go %s, etcd %s", strings.TrimPrefix(runtime.Version(), "go"), version.Version),
		"- " + m.date.Format(time.DateOnly),
	}
}

// loadAverage is the system's, where it tells.
func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	load, _, found := strings.Cut(string(data), " ")
	if err != nil || !found {
		return "unknown"
	}
	return load
}

// syncs times n writes of 4 KiB into a file in dir, each with its fdatasync. They
// write over what is there, as etcd does in its log, so that no size changes.
func syncs(dir string, n int) (took []time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".sync-*")
	if err != nil {
		return nil, fmt.Errorf("time the disk: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // of no use any more
	defer f.Close()
	block := make([]byte, 4096)
	for i := range n + 1 {
		begin := time.Now()
		if _, err := f.WriteAt(block, 0); err != nil {
			return nil, fmt.Errorf("time the disk: %w", err)
		}
		if err := fileutil.Fdatasync(f); err != nil {
			return nil, fmt.Errorf("time the disk: %w", err)
		}
		if i > 0 { // the first makes room
			took = append(took, time.Since(begin))
		}
	}
	return took, nil
}
