package bench

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

// synthetic invents samples, the same for the same seed: values of the size and
// with the digits of real ones, each another than before.
type synthetic struct{ random *rand.Rand }

func newSynthetic(seed, agent uint64) *synthetic {
	return &synthetic{rand.New(rand.NewPCG(seed, agent))}
}

// Sample makes values up. An agent has one call in flight.
func (s *synthetic) Sample(_ context.Context, metrics []string) sensor.Reading {
	const busy = 100 << 20 // bytes per second
	r := sensor.Reading{Metrics: make(map[string]float64, len(metrics))}
	for _, name := range metrics {
		most := float64(busy)
		if m, ok := model.LookupMetric(name); ok && m.Unit == model.Percent {
			most = 100
		}
		r.Metrics[name] = math.Round(s.random.Float64()*most*100) / 100
	}
	return r
}
