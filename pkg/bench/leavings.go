package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// claim marks the run's keys as those of a run that lives: most of them are on no
// lease, and would outlive a run that is killed.
func (r *etcdRun) claim(ctx context.Context) error {
	if _, err := r.clients[0].Put(ctx, keys.BenchRun(r.id), r.id, clientv3.WithLease(r.leases[0].ID())); err != nil {
		return fmt.Errorf("put the run's key: %w", err)
	}
	return nil
}

// removeLeavings removes the keys of runs that were killed.
func removeLeavings(ctx context.Context, pool *etcd.Pool) error {
	resp, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, keys.BenchPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	})
	if err != nil {
		return fmt.Errorf("list the keys of earlier runs: %w", err)
	}
	lives := make(map[string]bool)
	for _, kv := range resp.Kvs {
		key := string(kv.Key)
		id, _, _ := strings.Cut(strings.TrimPrefix(key, keys.BenchPrefix), "/")
		lives[id] = lives[id] || key == keys.BenchRun(id)
	}
	for id, alive := range lives {
		if !alive {
			err = errors.Join(err, removePrefixes(ctx, pool, keys.Bench(id)))
		}
	}
	return err
}

// remove removes what the run has written, and its leases.
func (r *etcdRun) remove(ctx context.Context) error {
	err := removePrefixes(ctx, r.Source.Pool, keys.Bench(r.id))
	var closing errgroup.Group
	for _, lease := range r.leases {
		closing.Go(func() error { return lease.Close(ctx) })
	}
	return errors.Join(err, closing.Wait())
}

func (r *etcdRun) close() {
	for _, c := range r.clients {
		c.Close()
	}
}

// tellTime tells how far the measurement of a figure has got, until ctx ends.
func (r *etcdRun) tellTime(ctx context.Context, figure string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for seconds := 0; ; seconds++ {
		r.tell(Progress{Phase: Measuring, Figure: figure, Done: seconds, Total: int(r.plan.Duration.Seconds())})
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
