package bench

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestGarbageLiesWhereThereIsRoomForIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agents, free int64
		percent      int
		limit        int64
	}{
		{1000, 6 << 30, -1, 2 << 30},
		{20_000, 15 << 30, -1, 5 << 30},
		{20_000, 6 << 30, collectorPercent, -1},
		{1, 0, collectorPercent, -1},
	} {
		if percent, limit := collection(c.agents, c.free); percent != c.percent || limit != c.limit {
			t.Errorf("%d agents and %d bytes free: %d %% and at most %d, want %d %% and %d", c.agents, c.free, percent, limit, c.percent, c.limit)
		}
	}
}

//nolint:paralleltest // the collector is the process's
func TestCollectorIsLeftAsItWas(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	percent := debug.SetGCPercent(77)
	defer debug.SetGCPercent(percent)
	asBefore := collectSeldom(t.Context(), 1)
	during := debug.SetGCPercent(77)
	debug.SetGCPercent(during)
	asBefore()
	if after := debug.SetGCPercent(77); during == 77 || after != 77 {
		t.Errorf("%d %% while agents run and %d %% after, which was 77 %%", during, after)
	}
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		t.Errorf("a limit of %d bytes is left", limit)
	}
}
