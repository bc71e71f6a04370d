package bench

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// operation is a call that a figure is made of. The same caller has one in flight.
type operation func(ctx context.Context, client *etcd.Client, caller int) error

// load repeats an operation by many callers, for a time.
type load struct {
	clients []*etcd.Client
	callers int
	pace    *rate.Limiter
}

func paceOf(perSecond float64) *rate.Limiter {
	if perSecond == 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), 1)
}

// run returns what was measured, also when ctx ends before the time is over.
func (l *load) run(ctx context.Context, name string, duration time.Duration, call operation) model.BenchFigure {
	taken, failed := newLatency(), newFailures()
	began := time.Now()
	// The time's end begins no more calls, and cuts none short.
	within, cancel := context.WithDeadline(ctx, began.Add(duration))
	defer cancel()
	var calling sync.WaitGroup
	for i := range l.callers {
		calling.Go(func() {
			for l.pace.Wait(within) == nil && within.Err() == nil {
				start := time.Now()
				err := call(ctx, l.clients[i%len(l.clients)], i)
				switch {
				case ctx.Err() != nil:
				case err != nil:
					failed.add(err)
				default:
					taken.record(time.Since(start))
				}
			}
		})
	}
	calling.Wait()
	seconds := time.Since(began).Seconds()
	summary := taken.summary()
	return model.BenchFigure{
		Name: name, Seconds: seconds, Rate: float64(summary.Count) / seconds, Latency: summary,
		Failed: failed.count(), Errors: failed.reasons(),
	}
}
