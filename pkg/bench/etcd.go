package bench

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The figures of Etcd, in their order.
const (
	FigurePut          = "put"             // without a lease
	FigureLeasedPut    = "put-leased"      // on a lease of the caller's, as heartbeats are
	FigureRange        = "range"           // of one key, linearizable
	FigureWatchLatency = "watch-latency"   // from a leased put's sending until a watch has it
	FigureKeepalive    = "lease-keepalive" // one call per renewal
)

// Figures are the names of all figures.
func Figures() []string {
	return []string{FigurePut, FigureLeasedPut, FigureRange, FigureWatchLatency, FigureKeepalive}
}

// WatchRate is how many puts a second the watch's latency is measured with, unless
// the plan names a rate: that of etcd's own benchmark.
const WatchRate = 100

// leaseTTL is how long what a killed run has left on its leases stays.
const leaseTTL = 30 * time.Second

// Etcd measures etcd alone, one figure after the other. Its keys are removed when
// it returns, also when ctx ends before; the record then has the figures until
// then, beside ctx's error.
func Etcd(ctx context.Context, cfg Config, plan EtcdPlan) (*model.BenchEtcd, error) {
	plan.Complete()
	if err := plan.Check(); err != nil {
		return nil, err
	}
	r := &etcdRun{Config: cfg, plan: plan, id: newID(), value: rand.Text()}
	defer r.close()
	err := r.prepare(ctx)
	out := &model.BenchEtcd{
		TypeMeta: model.NewTypeMeta(model.KindBenchEtcd, cfg.Source.Name, cfg.Source.Now()),
		Clients:  plan.Clients, Connections: plan.Conns, ValueSize: plan.ValueSize, RateLimit: plan.Rate, Figures: []model.BenchFigure{},
	}
	for _, name := range Figures() {
		if err != nil || ctx.Err() != nil {
			break
		}
		var f model.BenchFigure
		if f, err = r.figure(ctx, name); err == nil {
			out.Figures = append(out.Figures, f)
		}
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	out.Interrupted = ctx.Err() != nil
	removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeGrace)
	defer cancel()
	if left := r.remove(removing); left != nil {
		out.Errors = append(out.Errors, left.Error())
	}
	if len(out.Figures) == 0 {
		return nil, err
	}
	return out, err
}

// etcdRun is one run of Etcd.
type etcdRun struct {
	Config
	plan    EtcdPlan
	id      string
	value   string
	clients []*etcd.Client
	leases  []*etcd.Lease // one per client
}

func (r *etcdRun) prepare(ctx context.Context) error {
	for len(r.value) < r.plan.ValueSize {
		r.value += r.value
	}
	r.value = r.value[:r.plan.ValueSize]
	if err := removeLeavings(ctx, r.Source.Pool); err != nil {
		return err
	}
	for range r.plan.Conns {
		client, err := etcd.New(r.Source.Etcd)
		if err != nil {
			return err
		}
		r.clients = append(r.clients, client)
		lease, err := client.NewLease(ctx, leaseTTL)
		if err != nil {
			return err
		}
		r.leases = append(r.leases, lease)
	}
	return r.claim(ctx)
}

func (r *etcdRun) key(caller int) string { return keys.BenchKey(r.id, int64(caller)+1) }

func (r *etcdRun) lease(caller int) clientv3.LeaseID { return r.leases[caller%len(r.leases)].ID() }

// figure measures one figure.
func (r *etcdRun) figure(ctx context.Context, name string) (model.BenchFigure, error) {
	telling, stop := context.WithCancel(ctx)
	var teller sync.WaitGroup
	teller.Go(func() { r.tellTime(telling, name) })
	defer teller.Wait()
	defer stop()
	if name == FigureWatchLatency {
		return r.watchLatency(ctx)
	}
	l := load{clients: r.clients, callers: r.plan.Clients, pace: paceOf(r.plan.Rate)}
	return l.run(ctx, name, r.plan.Duration, map[string]operation{
		FigurePut: func(ctx context.Context, c *etcd.Client, caller int) error {
			_, err := c.Put(ctx, r.key(caller), r.value)
			return err
		},
		FigureLeasedPut: func(ctx context.Context, c *etcd.Client, caller int) error {
			_, err := c.Put(ctx, r.key(caller), r.value, clientv3.WithLease(r.lease(caller)))
			return err
		},
		FigureRange: func(ctx context.Context, c *etcd.Client, caller int) error {
			_, err := c.Get(ctx, r.key(caller))
			return err
		},
		FigureKeepalive: func(ctx context.Context, c *etcd.Client, caller int) error {
			_, err := c.KeepAliveOnce(ctx, r.lease(caller))
			return err
		},
	}[name]), nil
}
