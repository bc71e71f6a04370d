package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// plan reads the record, or makes one, and fits it to what is wanted. It returns
// the processes that are too many.
func (u *up) plan(ctx context.Context) (surplus []*record, err error) {
	st, err := u.load()
	if errors.Is(err, ErrNoCluster) {
		return nil, u.create(ctx)
	}
	if err != nil {
		return nil, err
	}
	u.st = st
	if err := u.checkRecorded(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(st.Processes, func(r *record) bool { return r.Run == nil }) {
		u.result.Recovered = append(u.result.Recovered, "an earlier `"+upCommand+"` did not finish")
	}
	if agents := u.options.Agents; agents != AgentsAsRecorded {
		surplus = append(surplus, beyond(st.agents(), agents)...)
		st.addAgents(agents)
	}
	aggregators := u.options.Aggregators
	if aggregators == AggregatorsAsRecorded && st.Version < stateVersion {
		aggregators = DefaultAggregators // the record is older than they are
	}
	if aggregators != AggregatorsAsRecorded {
		surplus = append(surplus, beyond(st.aggregators(), aggregators)...)
		if err := st.addAggregators(aggregators); err != nil {
			return nil, err
		}
	}
	st.Version = stateVersion
	return surplus, u.save(st)
}

// checkRecorded reports everything that is wanted and that the recorded cluster
// cannot become.
func (u *up) checkRecorded() error {
	o, st := &u.options, u.st
	var problem error
	if n := len(st.members()); o.Members != MembersAsRecorded && o.Members != n {
		problem = fixed("number of members", n, o.Members)
	}
	if err := errors.Join(problem, o.Tuning.checkFixed(st.Tuning)); err != nil {
		return err
	}
	return o.Tuning.or(st.Tuning).checkFit()
}

func (u *up) create(ctx context.Context) error {
	tuning := u.options.Tuning.or(DefaultTuning())
	if err := tuning.checkFit(); err != nil {
		return err
	}
	// Without a record there is no cluster: what else is there is left over.
	if _, err := u.sweep(ctx, nil); err != nil {
		return err
	}
	if err := u.clear(dataFiles, logFiles); err != nil {
		return err
	}
	unless := func(wanted, open, otherwise int) int {
		if wanted == open {
			return otherwise
		}
		return wanted
	}
	st, err := newState(unless(u.options.Members, MembersAsRecorded, DefaultMembers), tuning)
	if err != nil {
		return err
	}
	st.addAgents(unless(u.options.Agents, AgentsAsRecorded, DefaultAgents))
	if err := st.addAggregators(unless(u.options.Aggregators, AggregatorsAsRecorded, DefaultAggregators)); err != nil {
		return err
	}
	u.st = st
	u.result.Created = true
	return u.save(st)
}

// dismiss stops agents and aggregators and forgets them.
func (u *up) dismiss(ctx context.Context, surplus []*record) error {
	if len(surplus) == 0 {
		return nil
	}
	if err := u.stop(ctx, surplus); err != nil {
		return err
	}
	u.st.Processes = without(u.st.Processes, surplus)
	u.result.Stopped = names(surplus)
	if err := u.save(u.st); err != nil {
		return err
	}
	return u.clearLogs(surplus)
}

// retune gives the aggregators the TTL that is wanted. Those that run with another
// one are ended, and are then among the missing.
func (u *up) retune(ctx context.Context) error {
	ttl := u.options.LeaderTTL
	if ttl == 0 || ttl == u.st.Tuning.LeaderTTL {
		return nil
	}
	if err := u.stop(ctx, u.st.aggregators()); err != nil {
		return err
	}
	u.st.Tuning.LeaderTTL = ttl
	return u.save(u.st)
}

// stop ends agents and aggregators in good order.
func (u *up) stop(ctx context.Context, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	u.options.Progress(Step{Doing: "stop " + strings.Join(names(records), ", ")})
	return u.end(ctx, u.st, records, ending{Signal: TERM, Command: upCommand}, leaveGrace)
}

// survey resumes what is paused and returns what does not run.
func (u *up) survey(ctx context.Context) ([]*record, error) {
	found, err := u.describeAll(ctx, u.st.Processes)
	if err != nil {
		return nil, err
	}
	var missing []*record
	for i, p := range found {
		r := u.st.Processes[i]
		switch p.State {
		case model.ProcessRunning:
			u.result.Running = append(u.result.Running, p.Name)
		case model.ProcessPaused:
			alive, err := r.Run.signal(CONT)
			if err != nil {
				return nil, fmt.Errorf("resume %q: %w", p.Name, err)
			}
			if !alive {
				missing = append(missing, r)
				continue
			}
			u.result.Resumed = append(u.result.Resumed, p.Name)
		default:
			missing = append(missing, r)
			u.recovered(p)
		}
	}
	return missing, nil
}

// recovered notes what is to be said of a process that was found dead.
func (u *up) recovered(p model.Process) {
	if p.State != model.ProcessDead {
		return
	}
	what := fmt.Sprintf("%q: %s", p.Name, p.Reason)
	if p.Reason == reasonRestarted {
		what = p.Reason // of all of them: said once
	}
	if !slices.Contains(u.result.Recovered, what) {
		u.result.Recovered = append(u.result.Recovered, what)
	}
}
