package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// readyTimeout is how long the observers have to see anything.
	readyTimeout = 15 * time.Second
	// rampGrace is how much longer than planned the ramp-up may take.
	rampGrace = time.Minute
)

// Ready says whether a plan can be carried out on the cluster, and changes
// nothing. The error is an *InvalidError where the plan asks for too much.
func Ready(ctx context.Context, cfg Config, plan AgentsPlan) error {
	_, err := ready(ctx, &cfg, plan)
	return err
}

func ready(ctx context.Context, cfg *Config, plan AgentsPlan) ([]model.Member, error) {
	if err := plan.Check(); err != nil {
		return nil, err
	}
	if _, _, err := readRoster(ctx, cfg.Source.Pool); err != nil {
		return nil, err
	}
	list := cfg.look(ctx)
	return list, plan.room(list)
}

// Agents makes the load of a plan and tells how it was borne. What it has written
// is removed when it returns, also when ctx ends before; the record is then of
// what was measured until then, with ctx's error. The record is nil where nothing
// was measured.
func Agents(ctx context.Context, cfg Config, plan AgentsPlan) (*model.BenchAgents, error) {
	plan.Complete()
	before, err := ready(ctx, &cfg, plan)
	if err != nil {
		return nil, err
	}
	r := &agentsRun{Config: cfg, plan: plan, meter: newMeter(plan.Interval), before: before}
	if r.fleet, err = newFleet(plan, newID(), cfg.Source.Etcd, r.meter); err != nil {
		return nil, err
	}
	defer r.fleet.close()
	r.observer = newObserver(cfg.Source, r.fleet)

	defer collectSeldom(ctx, plan.Count)()
	// What was put before an interruption is still to be seen.
	observing, stopObserving := context.WithCancel(context.WithoutCancel(ctx))
	defer stopObserving()
	var observers errgroup.Group
	observers.Go(func() error { return r.observer.run(observing) })

	err = r.measure(ctx)
	r.out.Interrupted = err != nil
	if r.measured {
		r.conclude(context.WithoutCancel(ctx))
	}
	stopObserving()
	err = errors.Join(err, observers.Wait())
	left := r.remove(context.WithoutCancel(ctx))
	if !r.measured {
		return nil, errors.Join(err, left)
	}
	return r.soFar(), err
}

// agentsRun is one run of Agents.
type agentsRun struct {
	Config
	plan     AgentsPlan
	meter    *meter
	fleet    *fleet
	observer *observer
	before   []model.Member
	usages   *usages
	rampUp   time.Duration
	measured bool // something is there to be told
	out      model.BenchAgents
}

// errConfigsLost ends a measurement whose agents have other intervals than were asked for.
var errConfigsLost = fmt.Errorf("the agents' configurations are gone: their lease of %v ended", configTTL)

// measure starts the agents and measures for the plan's duration.
func (r *agentsRun) measure(ctx context.Context) error {
	seeing, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := r.observer.awaitReady(seeing); err != nil {
		return err
	}
	began := time.Now()
	if err := r.start(ctx); err != nil {
		return err
	}
	r.rampUp = time.Since(began)

	r.usages = startUsages(ctx, r.before, r.Processes)
	r.meter.window.open(time.Now())
	r.measured = true
	defer func() { r.meter.window.close(time.Now()) }()
	end := time.NewTimer(r.plan.Duration)
	defer end.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for seconds := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-end.C:
			return nil
		case <-r.fleet.configs.Lost():
			return errConfigsLost
		case now := <-second.C:
			seconds++
			r.observer.look()
			r.meter.passages.sweep(now)
			r.usages.sample(ctx)
			r.tell(Progress{Phase: Measuring, Done: seconds, Total: int(r.plan.Duration.Seconds()), Soon: r.soFar()})
		}
	}
}

// start starts the agents and waits for the first heartbeat of each. In a store
// that does not carry them all, the run goes on with those that it does.
func (r *agentsRun) start(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, r.plan.RampUp()+rampGrace)
	defer cancel()
	tell := func(int) {
		r.tell(Progress{Phase: Starting, Done: r.fleet.reported(), Total: r.plan.Count})
	}
	if err := r.fleet.start(within, tell); err != nil {
		if within.Err() == nil || ctx.Err() != nil || r.fleet.reported() == 0 {
			return err
		}
		r.meter.failed.add(err)
		return nil
	}
	for r.fleet.reported() < r.plan.Count {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-within.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
			tell(0)
		}
	}
	return nil
}

// conclude waits for what is under way, and takes the last figures.
func (r *agentsRun) conclude(ctx context.Context) {
	r.out.Load = r.usages.load.finish(ctx)
	for _, u := range r.usages.members {
		r.out.Members = append(r.out.Members, u.finish(ctx))
	}
	r.meter.passages.await(ctx)
	r.observer.look()
	r.out.Store = growth(r.before, r.look(ctx))
}

const (
	// removeGrace is what the removal may take, beside the agents' goodbyes at
	// goodbyeRate per second, and the same again for the roster.
	removeGrace = 5 * time.Second
	goodbyeRate = 500
)

// remove ends the agents and removes what the run has written, in bounded time.
func (r *agentsRun) remove(ctx context.Context) error {
	allowed := removeGrace + time.Duration(r.plan.Count)*time.Second/goodbyeRate
	stopping, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	r.fleet.stop(stopping, r.fleet.members, func(stopped int) {
		r.tell(Progress{Phase: Removing, Done: stopped, Total: r.plan.Count})
	})
	removing, cancel := context.WithTimeout(ctx, removeGrace)
	defer cancel()
	err := r.fleet.removeKeys(removing, r.Source.Pool)
	forgetting, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	forgotten, forgetErr := r.fleet.forget(forgetting, r.Source.Pool)
	r.out.Left.Forgotten = forgotten
	for _, err := range []error{err, forgetErr} {
		if err != nil {
			r.out.Left.Errors = append(r.out.Left.Errors, err.Error())
		}
	}
	return errors.Join(err, forgetErr)
}

// soFar is the record of what has been measured by now.
func (r *agentsRun) soFar() *model.BenchAgents {
	out := r.out
	m, seconds := r.meter, r.meter.window.length(time.Now()).Seconds()
	out.TypeMeta = model.NewTypeMeta(model.KindBenchAgents, r.Source.Name, r.Source.Now())
	out.Run, out.Interval, out.Duration, out.RampUp, out.Connections =
		r.fleet.id, r.plan.Interval.Seconds(), seconds, r.rampUp.Seconds(), r.plan.Conns
	out.Agents = model.BenchFleet{Asked: r.plan.Count, Reported: r.fleet.reported(), Ended: int(r.fleet.ended.Load())}
	out.Heartbeats = model.BenchHeartbeats{
		Asked: r.plan.Rate(), Achieved: float64(m.acknowledged.Load()) / seconds, Count: m.acknowledged.Load(),
		Late: m.late.Load(), Dropped: m.lost.Load(), Failed: m.failed.count(),
	}
	out.Put, out.PutToView, out.PutToWatch = m.puts.summary(), m.toView.summary(), m.toWatch.summary()
	out.Keepalives = float64(m.keepalives.Load()) / seconds
	out.Nodes = r.observer.nodes()
	out.Errors = m.failed.reasons()
	return &out
}
