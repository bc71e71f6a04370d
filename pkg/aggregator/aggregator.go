package aggregator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// Config says who an aggregator is and where it works.
type Config struct {
	Name     string // as it is shown, unique among the replicas
	Instance string // random per start of the process
	Version  string
	// Listen is the HTTP server's HOST:PORT.
	Listen string
	// Advertise is the HOST:PORT at which the other replicas reach the server;
	// empty for where it listens.
	Advertise string
	// LeaderTTL is how long the others wait for a leader that is cut off, in whole
	// seconds.
	LeaderTTL time.Duration
	Etcd      etcd.Config
	Log       *slog.Logger
}

// Aggregator is one replica.
type Aggregator struct {
	cfg     Config
	metrics *Metrics
	live    *status.Live
	heir    *heir
	client  *etcd.Client // of all that is not the view's
	self    model.Aggregator
}

// New makes an aggregator; Run starts it.
func New(cfg Config) *Aggregator {
	a := &Aggregator{cfg: cfg, metrics: newMetrics(cfg.Version)}
	a.cfg.Etcd.Trace = a.metrics.Call
	return a
}

// Run works until ctx ends, and returns ctx's error then: it has handed over its
// leadership, and stopped listening.
func (a *Aggregator) Run(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", a.cfg.Listen, err)
	}
	defer listener.Close()
	if a.client, err = etcd.New(a.cfg.Etcd); err != nil {
		return err
	}
	defer a.client.Close()
	pool, err := etcd.NewPool(a.cfg.Etcd)
	if err != nil {
		return err
	}
	defer pool.Close()

	a.self = model.Aggregator{Name: a.cfg.Name, Instance: a.cfg.Instance, Address: a.cfg.Advertise, Version: a.cfg.Version}
	if a.self.Address == "" {
		a.self.Address = listener.Addr().String()
	}
	dial := func(endpoints []string) (*etcd.Pool, error) {
		cfg := a.cfg.Etcd
		cfg.Endpoints = endpoints
		return etcd.NewPool(cfg)
	}
	a.live = status.NewUnlogged(&status.Source{Name: a.cfg.Name, Etcd: a.cfg.Etcd, Pool: pool, Dial: dial, Now: time.Now})
	a.heir = newHeir(a.cfg.Instance, func(ctx context.Context, c election.Candidate) (bool, error) {
		return election.Depose(ctx, a.client, c)
	}, a.cfg.Log, time.Now)
	value, err := json.Marshal(a.self)
	if err != nil {
		return fmt.Errorf("encode the candidate: %w", err)
	}
	elector := election.New(election.Config{
		Client: a.client, Name: keys.AggregatorElection, TTL: a.cfg.LeaderTTL, Log: a.cfg.Log,
		Candidate: func() []byte { return value }, Changed: a.heir.changed,
	})
	a.cfg.Log.Info("aggregator starts", "name", a.self.Name, "instance", a.self.Instance, "address", a.self.Address)

	gone := make(chan struct{}) // closed once this replica cannot lead any more
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error { return a.live.Run(ctx) })
	actors.Go(func() error { return a.heir.run(ctx) })
	actors.Go(func() error { a.client.FollowMembers(ctx); return nil })
	actors.Go(func() error { return serve(ctx, listener, a.server(gone), a.cfg.Log) })
	actors.Go(func() error {
		defer close(gone)
		return elector.Run(ctx, func(leading context.Context, term *election.Term) error {
			return a.lead(leading, term, ctx.Done())
		})
	})
	return actors.Wait()
}

// server answers what is asked of this replica.
func (a *Aggregator) server(gone <-chan struct{}) http.Handler {
	a.metrics.show(a.live, a.self.Instance)
	events := func(ctx context.Context) ([]model.Event, error) { return readEvents(ctx, a.client) }
	return newServer(&api{view: a.live, events: events}, a.metrics, serveLifeline(a.self, gone), a.cfg.Log)
}

// lead is one term of leading. A term that ends before stopping is closed has
// ended against this replica's will.
func (a *Aggregator) lead(ctx context.Context, term *election.Term, stopping <-chan struct{}) error {
	r := &reign{
		client: a.client, log: a.cfg.Log.With("token", term.Token()), now: time.Now,
		verdict: recent(time.Now, a.verdict),
		told: func(p *page) {
			a.metrics.EventsWritten(len(p.events))
			a.metrics.Cursor(p.cursor)
		},
		seen: a.metrics.Seen,
	}
	err := r.run(ctx, crown{fence: term, leader: a.self, token: term.Token(), event: func(before *model.Summary) model.Event {
		return a.succeeds(ctx, term, before)
	}})
	if errors.Is(err, election.ErrDeposed) {
		a.metrics.Refused()
	}
	select {
	case <-stopping:
	default:
		a.metrics.Deposed()
	}
	return err
}

// verdict is that on the whole cluster; empty before it has been looked at.
func (a *Aggregator) verdict() model.Verdict {
	if !a.live.Ready() {
		return ""
	}
	return a.live.Status().Verdict
}

// succeeds makes the event of this replica's leadership.
func (a *Aggregator) succeeds(ctx context.Context, term *election.Term, before *model.Summary) model.Event {
	e := model.Event{Type: model.EventLeader, Revision: term.Token(), Leader: a.self.Name}
	var f fate
	orphaned := false
	if before != nil {
		e.Previous = before.Leader.Name
		f = a.heir.fate(before.Token)
		orphaned = !before.Resigned && f.died.IsZero() && f.lease != 0 && a.leaseLives(ctx, f.lease)
	}
	e.Time = time.Now()
	e.Cause, e.Without = succession(before, f, orphaned, e.Time)
	a.metrics.LedFrom(e.Cause)
	a.cfg.Log.Info("leads", "token", term.Token(), "after", e.Previous, "cause", e.Cause)
	return e
}

// leaseLives asks whether a lease is alive; false where that cannot be told.
func (a *Aggregator) leaseLives(ctx context.Context, id clientv3.LeaseID) bool {
	ctx, cancel := context.WithTimeout(ctx, attemptMin)
	defer cancel()
	resp, err := a.client.TimeToLive(ctx, id)
	return err == nil && resp.TTL > 0
}
