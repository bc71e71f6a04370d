package agent

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

// Sampler measures the host; *sensor.Set is one.
type Sampler interface {
	Sample(ctx context.Context, metrics []string) sensor.Reading
}

// Identity says who an agent is.
type Identity struct {
	Host    string // the node it reports
	Owner   string // the machine it runs on: a machine id or a node UID
	Boot    string // random, new with every start of the agent
	Version string
}

// Agent reports one host.
type Agent struct {
	id      Identity
	client  *etcd.Client
	sensors Sampler
	log     *slog.Logger
	trace   Trace

	config *follower
	newest *mailbox
}

// Client fits a client's configuration to an agent: a call fails as soon as no
// member can be reached. Calls that wait for one would send, when the store is
// back, the sample that was the newest when they began to wait.
func Client(cfg etcd.Config) etcd.Config {
	cfg.FailFast = true
	return cfg
}

// New makes an agent on a client made by Client's configuration; Run starts it.
func New(id Identity, client *etcd.Client, sensors Sampler, log *slog.Logger) *Agent {
	return &Agent{
		id:      id,
		client:  client,
		sensors: sensors,
		log:     log,
		config:  newFollower(id.Host, log),
		newest:  newMailbox(),
	}
}

// Trace makes the agent tell what becomes of its samples. It is for before Run.
func (a *Agent) Trace(t Trace) { a.trace = t }

// Config is the configuration in force. It is one immutable value: whoever holds
// it sees a whole config, whatever is pushed meanwhile.
func (a *Agent) Config() *Applied { return a.config.current() }

// configWait is how long a start waits for the first look at the configuration,
// so that it need not begin with settings that are about to change.
const configWait = time.Second

// Run reports the host until ctx ends, and says goodbye then; that is no error.
// It ends with a *HeldError when another agent holds the host's heartbeat.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.log.Info("agent starts", "host", a.id.Host, "owner", a.id.Owner, "boot", a.id.Boot, "version", a.id.Version)
	actors, actorsCtx := errgroup.WithContext(ctx)
	actors.Go(func() error { return a.config.run(actorsCtx, a.client) })
	actors.Go(func() error { return a.sample(actorsCtx) })
	actors.Go(func() error { return newPublisher(a).run(actorsCtx) })
	err := actors.Wait()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		a.log.Info("agent stopped")
		return nil
	}
	return err
}

// mailbox holds the newest sample: a put replaces what was not taken yet.
type mailbox struct {
	full chan model.Heartbeat
	// fresh wakes the sampler: a sample is wanted now.
	fresh chan struct{}
}

func newMailbox() *mailbox {
	return &mailbox{full: make(chan model.Heartbeat, 1), fresh: make(chan struct{}, 1)}
}

// put leaves hb for the publisher. It reports whether an older one, now too
// late, had to go. There is one caller: the sampler.
func (m *mailbox) put(hb model.Heartbeat) (dropped bool) {
	for {
		select {
		case m.full <- hb:
			return dropped
		default:
		}
		select {
		case <-m.full:
			dropped = true
		default:
		}
	}
}

// want asks for a sample at once.
func (m *mailbox) want() {
	select {
	case m.fresh <- struct{}{}:
	default: // asked already
	}
}
