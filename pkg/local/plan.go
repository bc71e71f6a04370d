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
// the agents that are too many.
func (u *up) plan(ctx context.Context) ([]*record, error) {
	st, err := u.load()
	if errors.Is(err, ErrNoCluster) {
		return nil, u.create(ctx)
	}
	if err != nil {
		return nil, err
	}
	u.st = st
	if slices.ContainsFunc(st.Processes, func(r *record) bool { return r.Run == nil }) {
		u.result.Recovered = append(u.result.Recovered, "an earlier `"+upCommand+"` did not finish")
	}
	if n := len(st.members()); u.options.Members != MembersAsRecorded && u.options.Members != n {
		return nil, &hinted{&InvalidError{fmt.Sprintf("the local cluster has %d members, which cannot become %d: take it down first", n, u.options.Members)}, "local down"}
	}
	agents := st.agents()
	if u.options.Agents == AgentsAsRecorded || u.options.Agents == len(agents) {
		return nil, nil
	}
	if u.options.Agents < len(agents) {
		return agents[u.options.Agents:], nil
	}
	st.addAgents(u.options.Agents)
	return nil, u.save(st)
}

func (u *up) create(ctx context.Context) error {
	// Without a record there is no cluster: what else is there is left over.
	if _, err := u.sweep(ctx, nil); err != nil {
		return err
	}
	if err := u.clear(dataFiles, logFiles); err != nil {
		return err
	}
	members, agents := u.options.Members, u.options.Agents
	if members == MembersAsRecorded {
		members = DefaultMembers
	}
	if agents == AgentsAsRecorded {
		agents = DefaultAgents
	}
	st, err := newState(members, agents)
	if err != nil {
		return err
	}
	u.st = st
	u.result.Created = true
	return u.save(st)
}

// dismiss stops agents and forgets them.
func (u *up) dismiss(ctx context.Context, surplus []*record) error {
	if len(surplus) == 0 {
		return nil
	}
	u.options.Progress(Step{Doing: "stop " + strings.Join(names(surplus), ", ")})
	if err := u.end(ctx, u.st, surplus, ending{Signal: TERM, Command: upCommand}, agentGrace); err != nil {
		return err
	}
	u.st.Processes = without(u.st.Processes, surplus)
	u.result.Stopped = names(surplus)
	if err := u.save(u.st); err != nil {
		return err
	}
	return u.clearLogs(surplus)
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
