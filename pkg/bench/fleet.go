package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/time/rate"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// configTTL is how long the configs of a run that was killed stay.
	configTTL = 15 * time.Second
	// configsPerTxn keeps a txn below the 128 operations that a server allows by
	// default.
	configsPerTxn = 100
)

// fleet is the agents of one run. Each has its interval from a config of its own,
// as a real one would: the default config of the cluster stays as it is.
type fleet struct {
	plan    AgentsPlan
	id      string // of the run
	meter   *meter
	clients []*etcd.Client
	configs *etcd.Lease // that the configs are on
	members []*simulated
	byHost  map[string]*simulated
	running sync.WaitGroup
	// starting has an entry for each agent that has been started and has not put a
	// heartbeat yet, or not long enough ago.
	starting chan struct{}

	ended atomic.Int64 // agents that gave up by themselves
}

// simulated is one agent.
type simulated struct {
	host   string
	cancel context.CancelFunc
	done   chan struct{}
	// reported is set by its first heartbeat, stopped before it is told to stop, lost
	// when the lease of its heartbeat ended.
	reported, stopped, lost atomic.Bool
	last                    time.Time // of its last heartbeat; its publisher's own
}

// hostsPrefix begins the names of all hosts that are not real.
const hostsPrefix = "bench-"

// hostPrefix begins the names of a run's hosts.
func hostPrefix(id string) string { return hostsPrefix + id + "-" }

func newFleet(plan AgentsPlan, id string, cfg etcd.Config, m *meter) (*fleet, error) {
	f := &fleet{
		plan: plan, id: id, meter: m, byHost: make(map[string]*simulated, plan.Count), starting: make(chan struct{}, startsAtOnce),
	}
	cfg = agent.Client(cfg)
	cfg.Heard = m.heard
	for range plan.Conns {
		client, err := etcd.New(cfg)
		if err != nil {
			f.close()
			return nil, err
		}
		f.clients = append(f.clients, client)
	}
	for i := range plan.Count {
		s := &simulated{host: fmt.Sprintf("%s%05d", hostPrefix(id), i+1), done: make(chan struct{})}
		f.members = append(f.members, s)
		f.byHost[s.host] = s
	}
	return f, nil
}

func (f *fleet) close() {
	for _, c := range f.clients {
		c.Close()
	}
}

// startsAtOnce is how many agents start at a time. The start of one is more work for
// a store than its heartbeats are: all at once would be another load than is asked for.
const startsAtOnce = 100

const (
	// slowStart is how long an agent may take to its first heartbeat for the next one to be
	// started at once.
	slowStart = 500 * time.Millisecond
	// longestStartRest is what the next one waits at most.
	longestStartRest = 10 * time.Second
)

// startRest is how long the next agent waits after one whose first heartbeat took so long.
// Its start would take the time to renew the leases of those that run: these are work that
// no store can put off.
func startRest(took time.Duration) time.Duration {
	if took < slowStart {
		return 0
	}
	return min(time.Duration(float64(took)*took.Seconds()/slowStart.Seconds()), longestStartRest)
}

// start starts the agents, spread over the plan's ramp-up, or over longer where the
// store is slow to take them in, and tells how many have been. They run until they
// are stopped, whatever becomes of ctx.
func (f *fleet) start(ctx context.Context, tell func(started int)) error {
	lease, err := f.clients[0].NewLease(ctx, configTTL)
	if err != nil {
		return err
	}
	f.configs = lease
	pace := rate.NewLimiter(startRate, 1)
	for i, s := range f.members {
		if i%configsPerTxn == 0 {
			if err := f.configure(ctx, f.members[i:min(i+configsPerTxn, len(f.members))]); err != nil {
				return err
			}
			tell(i)
		}
		if err := pace.Wait(ctx); err != nil {
			return context.Cause(ctx)
		}
		select {
		case f.starting <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		f.launch(ctx, i, s)
	}
	tell(len(f.members))
	return nil
}

// configureAgain is when configs are stored anew in a store that did not take them.
const configureAgain = time.Second

// configure stores the configs of some hosts, on the run's lease, and tries on while ctx
// lasts where the store is away or overloaded.
func (f *fleet) configure(ctx context.Context, hosts []*simulated) error {
	value, err := json.Marshal(model.Config{
		Interval: new(f.plan.Interval.Seconds()), TTL: new(int64(f.plan.TTL / time.Second)), Metrics: model.BuiltIn().Metrics,
	})
	if err != nil {
		return fmt.Errorf("encode config: %w", err)
	}
	ops := make([]clientv3.Op, len(hosts))
	for i, s := range hosts {
		ops[i] = clientv3.OpPut(keys.Config(s.host), string(value), clientv3.WithLease(f.configs.ID()))
	}
	for {
		_, err := f.clients[0].Txn(ctx).Then(ops...).Commit()
		if err == nil {
			return nil
		}
		switch etcd.Classify(err) {
		case etcd.ClassUnreachable, etcd.ClassNoQuorum, etcd.ClassOverloaded:
			select {
			case <-time.After(configureAgain):
				continue
			case <-ctx.Done():
			}
		}
		return fmt.Errorf("put configs of %q and others: %w", hosts[0].host, err)
	}
}

// freePlace lets the next agent start, by and by, after one whose first heartbeat took so long.
func (f *fleet) freePlace(took time.Duration) {
	time.AfterFunc(startRest(took), func() { <-f.starting })
}

func (f *fleet) launch(ctx context.Context, i int, s *simulated) {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	id := agent.Identity{Host: s.host, Owner: s.host, Boot: f.id, Version: "bench"}
	a := agent.New(id, f.clients[i%len(f.clients)], newSynthetic(f.plan.Seed, uint64(i)), slog.New(slog.DiscardHandler))
	began := time.Now()
	begun := sync.OnceFunc(func() { f.freePlace(time.Since(began)) })
	a.Trace(agent.Trace{
		Put: func(p agent.Put) {
			f.meter.put(s, p)
			if p.Err == nil {
				begun()
			}
		},
		Dropped: f.meter.dropped,
		Lost: func() {
			if !s.stopped.Load() {
				s.lost.Store(true)
			}
		},
	})
	f.running.Go(func() {
		defer close(s.done)
		defer begun()
		if err := a.Run(ctx); err != nil {
			f.ended.Add(1)
			f.meter.failed.add(err)
			s.stopped.Store(true)
		}
	})
}

// reported is how many agents have put a heartbeat.
func (f *fleet) reported() int {
	n := 0
	for _, s := range f.members {
		if s.reported.Load() {
			n++
		}
	}
	return n
}

// stopsAtOnce is how many agents say goodbye at a time: all at once would get no
// answer within the time that an agent gives itself for it.
const stopsAtOnce = 200

// stop ends the agents, each with its goodbye while ctx lasts, the rest all at
// once then; it returns when all have ended.
func (f *fleet) stop(ctx context.Context, agents []*simulated, tell func(stopped int)) {
	places := make(chan struct{}, stopsAtOnce)
	var stopping sync.WaitGroup
	for i, s := range agents {
		if s.cancel == nil {
			continue // not started
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
		}
		if i%stopsAtOnce == 0 {
			tell(i)
		}
		s.stopped.Store(true)
		s.cancel()
		stopping.Go(func() {
			<-s.done
			select {
			case <-places:
			default: // taken without a place
			}
		})
	}
	stopping.Wait()
	tell(len(agents))
}
