package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// rewatchAfter is the pause before a watch that has ended is made again.
const rewatchAfter = 100 * time.Millisecond

// bareWatch watches a prefix, on a connection of its own, and does nothing with
// what it sees but to tell passages that it has arrived.
type bareWatch struct {
	prefix   string
	passages *passages
	lane     int

	stand sync.Once
	// stands is closed once a member has confirmed the watch.
	stands chan struct{}
}

func newBareWatch(prefix string, p *passages, lane int) *bareWatch {
	return &bareWatch{prefix: prefix, passages: p, lane: lane, stands: make(chan struct{})}
}

// run watches until ctx ends, and returns ctx's error then.
func (w *bareWatch) run(ctx context.Context, cfg etcd.Config) error {
	client, err := etcd.New(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	for from := int64(0); ; {
		watching, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
		from = w.once(client.Watch(watching, w.prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify(), clientv3.WithRev(from)), from)
		cancel()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rewatchAfter):
		}
	}
}

// once tells what one watch sees until it ends, and returns the revision to go on
// from.
func (w *bareWatch) once(responses clientv3.WatchChan, from int64) int64 {
	for resp := range responses {
		now := time.Now()
		if resp.Created {
			w.stand.Do(func() { close(w.stands) })
		}
		for _, e := range resp.Events {
			if e.Type == clientv3.EventTypePut {
				w.passages.arrived(w.lane, e.Kv.ModRevision, now)
			}
			from = e.Kv.ModRevision + 1
		}
		from = max(from, resp.CompactRevision)
	}
	return from
}

// await waits until the watch stands.
func (w *bareWatch) await(ctx context.Context) error {
	select {
	case <-w.stands:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("watch %s: %w", w.prefix, ctx.Err())
	}
}
