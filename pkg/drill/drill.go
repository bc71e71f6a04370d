package drill

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// Config says where to drill.
type Config struct {
	Source  *status.Source
	Cluster Cluster
	// ElectionTimeout is raft's, to show beside what is measured; 0 if not known.
	ElectionTimeout time.Duration
	// Timeout bounds each thing that is waited for. Return bounds the wait for what
	// was ended to take part again; 0 is Timeout.
	Timeout, Return time.Duration
	// Latency is how late an answer may come on the way to the members; 0 for the
	// same machine.
	Latency time.Duration
	// Holder says who drills, where another one may want to at the same time: that
	// one is refused. Empty where Cluster lets in one at a time.
	Holder string
	// Tell is told of what happens, by one goroutine at a time.
	Tell func(News)
}

// Plan says what to do.
type Plan struct {
	Targets []model.DrillTarget // one after the other
	Method  model.DrillMethod
	Runs    int // per target, 1 or more
}

// restoreTime bounds what an interrupted drill does to leave the cluster whole.
const restoreTime = 1500 * time.Millisecond

// drill is one run of Run.
type drill struct {
	Config
	id       string
	client   *etcd.Client
	permit   *permit // nil where none is needed
	witness  *witness
	onlooker *onlooker
	names    map[string]string // of the members, by endpoint
	up       map[string]bool   // the members that answered when last looked at, by name
	written  int64             // the number of the last write of all probes
	down     string            // the process that is ended and not restored; empty for none
	shaken   time.Time         // when the last election of a raft leader was over
	tried    int               // writes under the token of a leader that leads no more
	accepted []string          // those that were not refused
	runs     []model.DrillRun
	promises []model.DrillPromise
}

// Run does what plan says. Without a quorum, or a standby, to spare the error is
// a *RefusedError and nothing is ended. Of several targets one that is not there
// is left out. What was ended runs again when Run returns, whatever ends it.
func Run(ctx context.Context, cfg Config, plan Plan) (*model.Drill, error) {
	client, err := etcd.New(cfg.Source.Etcd)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	d := &drill{Config: cfg, client: client, onlooker: newOnlooker(cfg.Source), id: strings.ToLower(rand.Text())}
	loss := 0
	if slices.Contains(plan.Targets, model.DrillEtcd) {
		loss = 1
	}
	if _, err := d.spare(ctx, loss); err != nil { // before anything waits for a quorum
		return nil, err
	}
	if cfg.Holder != "" {
		if d.permit, err = takePermit(ctx, client, cfg.Holder); err != nil {
			return nil, err
		}
		defer d.permit.release(ctx)
	}
	if d.witness, err = newWitness(ctx, client, d.id); err != nil {
		return nil, err
	}
	observing, stop := context.WithCancel(ctx)
	defer stop()
	actors, acting := errgroup.WithContext(observing)
	actors.Go(func() error { return d.witness.watch(acting) })
	actors.Go(func() error { return d.onlooker.watch(acting) })
	actors.Go(func() error { return d.onlooker.live.Run(acting) })
	var failed error
	actors.Go(func() error {
		failed = d.all(acting, plan)
		d.restoreLeft(acting)
		if failed == nil {
			stop() // a failure ends the watches by itself, once it has been taken down as the first
		}
		return failed
	})
	if err := actors.Wait(); failed != nil {
		return nil, err // the first of all: of a watch that failed, if one did
	}
	return &model.Drill{
		TypeMeta:        model.NewTypeMeta(model.KindDrill, cfg.Source.Name, cfg.Source.Now()),
		ElectionTimeout: cfg.ElectionTimeout.Seconds(),
		Runs:            d.runs, Gaps: statistics(d.runs), Proof: total(d.promises),
	}, nil
}

// Rehearse tells how things stand and whose end plan would be, and refuses what
// Run would refuse. It changes nothing.
func Rehearse(ctx context.Context, cfg Config, plan Plan) error {
	client, err := etcd.New(cfg.Source.Etcd)
	if err != nil {
		return err
	}
	defer client.Close()
	d := &drill{Config: cfg, client: client}
	for _, target := range plan.Targets {
		cfg.Tell(Entered{Target: target})
		if target == model.DrillEtcd {
			s, err := d.spare(ctx, 1)
			if err != nil {
				return err
			}
			cfg.Tell(*s)
			continue
		}
		if d.witness, err = newWitness(ctx, client, ""); err != nil {
			return err
		}
		if len(plan.Targets) > 1 && len(d.witness.line()) == 0 {
			cfg.Tell(Skipped{Reason: noAggregator})
			continue
		}
		if _, err := d.spareLeader(ctx); err != nil {
			return err
		}
		cfg.Tell(d.line())
	}
	return nil
}

// all makes the runs against each target, and then compares what was watched.
func (d *drill) all(ctx context.Context, plan Plan) error {
	for _, target := range plan.Targets {
		d.Tell(Entered{Target: target})
		run := d.endMember
		if target == model.DrillAggregator {
			if len(plan.Targets) > 1 && len(d.witness.line()) == 0 {
				d.Tell(Skipped{Reason: noAggregator})
				continue
			}
			run = d.endAggregator
		}
		for i := range plan.Runs {
			r, err := run(ctx, model.DrillRun{Target: target, Method: plan.Method}, i+1, plan.Runs)
			if err != nil {
				return err
			}
			d.runs = append(d.runs, *r)
			d.Tell(Finished{Run: r, Number: i + 1, Of: plan.Runs})
		}
	}
	for _, check := range []func(context.Context) (model.DrillPromise, error){d.checkNodes, d.checkEvents, d.checkLeaders} {
		p, err := check(ctx)
		if err != nil {
			return err
		}
		if p.Checked > 0 || p.Broken > 0 {
			d.promises = append(d.promises, p)
		}
	}
	return nil
}

// aim makes ready to end who leads, whoever that is by the time it is ready.
func (d *drill) aim(ctx context.Context, run *model.DrillRun, leads func(context.Context) (string, error)) error {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	for {
		name, err := leads(ctx)
		if err != nil || name == run.Name {
			return err
		}
		run.Name = name
		if run.Graceful, err = d.Cluster.Prepare(ctx, run.Target, name, run.Method); err != nil {
			return fmt.Errorf("make ready to end %q: %w", name, err)
		}
	}
}

// end ends a leader. From here on it is down, whatever comes of the call.
func (d *drill) end(ctx context.Context, run *model.DrillRun) (time.Time, error) {
	if err := d.permit.check(ctx); err != nil {
		return time.Time{}, err
	}
	d.down = run.Name
	sent, err := d.Cluster.End(ctx, run.Name, run.Method)
	if err != nil {
		return sent, fmt.Errorf("end %q: %w", run.Name, err)
	}
	run.Time = sent.UTC()
	return sent, nil
}

// restore makes run again what was ended.
func (d *drill) restore(ctx context.Context) error {
	if err := d.Cluster.Restore(ctx, d.down); err != nil {
		return fmt.Errorf("restore %q: %w", d.down, err)
	}
	d.down = ""
	return nil
}

// restoreLeft makes run again what is down when a drill ends too soon.
func (d *drill) restoreLeft(ctx context.Context) {
	if d.down == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	name := d.down
	d.Tell(Restored{Name: name, Err: d.restore(ctx)})
}

// pollInterval is how often it is looked for what is waited for.
const pollInterval = 5 * time.Millisecond

// await waits, no longer than the drill's timeout, until ok says so.
func (d *drill) await(ctx context.Context, what string, ok func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if done, err := ok(ctx); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

// awaitReturn waits until what was ended takes part again, and tells what keeps it.
// The longer it takes, the less often it looks: a twentieth of the time is
// precise enough, and an API server that is asked is not ours alone.
func (d *drill) awaitReturn(ctx context.Context, run *model.DrillRun, what string, ok func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(d.Return, d.Timeout))
	defer cancel()
	begin, asked, known := time.Now(), time.Now(), ""
	for !ok(ctx) {
		if time.Since(asked) > delayInterval {
			asked = time.Now()
			if why := d.Cluster.Delay(ctx, run.Target, run.Name); why != known {
				known = why
				d.Tell(Delayed{Run: run, Why: why})
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to %s: %w", run.Name, what, ctx.Err())
		case <-time.After(min(max(pollInterval, time.Since(begin)/20), time.Second)):
		}
	}
	run.Gaps[model.GapBack] = time.Since(begin).Seconds()
	return nil
}

// delayInterval is how often it is asked what keeps a process from running again.
const delayInterval = time.Second

// pulsesNow copies what is known of the heartbeats.
func (w *witness) pulsesNow() map[string]pulse {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.pulses)
}

// line is the aggregators' candidates, the leader first.
func (w *witness) line() []candidate {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.candidates)
}
