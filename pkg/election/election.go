package election

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// Config says for what a candidate stands.
type Config struct {
	Client *etcd.Client
	// Name is the election's: a single path segment.
	Name string
	// TTL is the lease's, in whole seconds: how long the others wait for a leader
	// that is cut off. The store may grant more.
	TTL time.Duration
	// Candidate makes what is under the candidate's key.
	Candidate func() []byte
	Log       *slog.Logger
	// Changed, if set, is told of every change of the election's state. It must not
	// block.
	Changed func(State)
}

// Elector is one candidate.
type Elector struct {
	cfg  Config
	seen *sightings
}

// New makes a candidate; Run starts it.
func New(cfg Config) *Elector { return &Elector{cfg: cfg, seen: newSightings()} }

// Pauses after a term or a campaign that failed, and the time that the way out
// may take.
const (
	againMin = 50 * time.Millisecond
	againMax = 2 * time.Second
	leaving  = 900 * time.Millisecond
)

func checkName(name string) error {
	if name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("election name %q is not a single path segment", name)
	}
	return nil
}

// Run stands for election until ctx ends, and returns ctx's error then. For each
// term that is won it calls lead, with a context that ends with the term, and
// waits for it. A lead that returns gives its term up. On the way out the
// candidate's key is removed, in a second at most.
func (e *Elector) Run(ctx context.Context, lead func(context.Context, *Term) error) error {
	if err := checkName(e.cfg.Name); err != nil {
		return err
	}
	actors, ctx := errgroup.WithContext(ctx)
	actors.Go(func() error {
		return Observe(ctx, e.cfg.Client, e.cfg.Name, func(s State) {
			e.seen.add(s)
			if e.cfg.Changed != nil {
				e.cfg.Changed(s)
			}
		})
	})
	actors.Go(func() error { return e.stand(ctx, lead) })
	return actors.Wait()
}

// stand stands for election on one lease after the other.
func (e *Elector) stand(ctx context.Context, lead func(context.Context, *Term) error) error {
	for pause := againMin; ; pause = min(2*pause, againMax) {
		began := time.Now()
		err := e.once(ctx, min(10*pause, patienceMax), lead)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.cfg.Log.Warn("stands for election again", "err", err)
		if time.Since(began) > againMax {
			pause = againMin
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// candidacy is one place in the line of candidates, on one lease.
type candidacy struct {
	client *etcd.Client
	log    *slog.Logger
	seen   *sightings
	name   string
	key    string
	value  []byte
	lease  *etcd.Lease
	clock  *deadline
}

// once campaigns on a new lease, which is to be granted within patience, and leads
// one term at most.
func (e *Elector) once(ctx context.Context, patience time.Duration, lead func(context.Context, *Term) error) error {
	granting, cancel := context.WithTimeout(ctx, patience)
	sent := time.Now()
	lease, err := e.cfg.Client.NewLease(granting, e.cfg.TTL)
	cancel()
	if err != nil {
		return err
	}
	c := &candidacy{
		client: e.cfg.Client, log: e.cfg.Log, seen: e.seen, name: e.cfg.Name, lease: lease, clock: newDeadline(),
		key: fmt.Sprintf("%s%x", keys.Candidates(e.cfg.Name), int64(lease.ID())), value: e.cfg.Candidate(),
	}
	c.clock.extend(sent, lease.TTL())
	defer c.leave(context.WithoutCancel(ctx))

	// alive ends with the lease, as far as this process can tell.
	alive, end := context.WithCancelCause(ctx)
	actors, acting := errgroup.WithContext(alive)
	actors.Go(func() error {
		err := renew(acting, lease, c.clock)
		end(err)
		return err
	})
	actors.Go(func() error {
		err := c.serve(acting, lead)
		end(err)
		return err
	})
	err = actors.Wait()
	end(nil)
	return err
}

// serve waits in line and leads.
func (c *candidacy) serve(ctx context.Context, lead func(context.Context, *Term) error) error {
	token, err := c.campaign(ctx)
	if err != nil {
		return err
	}
	c.log.Info("elected", "key", c.key, "token", token)
	leading, end := context.WithCancelCause(ctx)
	defer c.seen.whenNotFirst(c.key, token, func() { end(errKeyGone) })()
	var clock sync.WaitGroup
	clock.Go(func() { c.clock.pass(leading, func() { end(errSilent) }) })
	defer clock.Wait()
	defer end(nil)
	err = lead(leading, &Term{client: c.client, key: c.key, token: token, clock: c.clock, end: end})
	if ctx.Err() == nil && leading.Err() != nil {
		return context.Cause(leading)
	}
	if err == nil {
		err = errors.New("gave the leadership up")
	}
	return err
}

// leave removes the key with its lease, as far as the store can be reached in a
// short time; otherwise the lease ends by itself.
func (c *candidacy) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaving)
	defer cancel()
	err := errors.New("not tried")
	for err != nil && ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, leaving/3)
		if err = c.lease.Close(once); err != nil {
			<-once.Done() // no tight loop where the failure comes at once
		}
		cancel()
	}
	if err != nil {
		c.log.Info("left without taking the key along: it ends with its lease", "key", c.key, "err", err)
	}
}
