package aggregator

import (
	"context"
	"log/slog"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// Config says who an aggregator is and where it works.
type Config struct {
	Name     string // as it is shown, unique among the replicas
	Instance string // random per start of the process
	Version  string
	// Listen is the HTTP server's HOST:PORT.
	Listen string
	// LeaderTTL is how long a leader that is cut off leads at most, in whole seconds.
	LeaderTTL time.Duration
	Etcd      etcd.Config
	Log       *slog.Logger
}

// Aggregator is one replica.
type Aggregator struct {
	cfg Config
}

// New makes an aggregator; Run starts it.
func New(cfg Config) *Aggregator { return &Aggregator{cfg: cfg} }

// Run works until ctx ends, and returns ctx's error then.
func (a *Aggregator) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
