package bench

import (
	"context"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// watchLatency measures the time from a leased put's sending until a watch of all
// callers' keys has it.
func (r *etcdRun) watchLatency(ctx context.Context) (model.BenchFigure, error) {
	var w window
	toWatch := newLatency()
	arriving := newPassages(&w, toWatch)
	watch := newBareWatch(keys.Bench(r.id), arriving, 0)

	watching, stop := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	defer watcher.Wait()
	defer stop()
	watcher.Go(func() { _ = watch.run(watching, r.Source.Etcd) }) // it ends as it is told to
	soon, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := watch.await(soon); err != nil {
		return model.BenchFigure{}, err
	}

	perSecond := r.plan.Rate
	if perSecond == 0 {
		perSecond = WatchRate
	}
	l := load{clients: r.clients, callers: r.plan.Clients, pace: paceOf(perSecond)}
	w.open(time.Now())
	f := l.run(ctx, FigureWatchLatency, r.plan.Duration, func(ctx context.Context, c *etcd.Client, caller int) error {
		start := time.Now()
		resp, err := c.Put(ctx, r.key(caller), r.value, clientv3.WithLease(r.lease(caller)))
		if err == nil {
			arriving.sent(resp.Header.Revision, start)
		}
		return err
	})
	w.close(time.Now())
	arriving.await(ctx)
	f.Latency = toWatch.summary()
	return f, nil
}
