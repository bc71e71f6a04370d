package bench

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	longest = 10 * time.Minute // that is told from something longer
	digits  = 3                // that are significant
)

// latency collects how long something took, to the microsecond.
type latency struct {
	mu    sync.Mutex
	taken *hdrhistogram.Histogram
}

func newLatency() *latency {
	return &latency{taken: hdrhistogram.New(1, longest.Microseconds(), digits)}
}

func (l *latency) record(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.taken.RecordValue(min(max(d, time.Microsecond), longest).Microseconds()) // within its range
}

func (l *latency) summary() model.BenchLatency {
	l.mu.Lock()
	defer l.mu.Unlock()
	seconds := func(us int64) float64 { return float64(us) / 1e6 }
	return model.BenchLatency{
		Count: l.taken.TotalCount(),
		P50:   seconds(l.taken.ValueAtQuantile(50)),
		P99:   seconds(l.taken.ValueAtQuantile(99)),
		Max:   seconds(l.taken.Max()),
	}
}
