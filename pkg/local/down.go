package local

import (
	"context"
	"errors"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const downCommand = "local down"

// DownOptions says how to take the cluster down.
type DownOptions struct {
	// KeepData keeps the members' data and the record, from which Up goes on.
	KeepData bool
	// Progress, if set, is told of each step.
	Progress func(Step)
}

// DownResult says what Down did.
type DownResult struct {
	Already bool     // there was nothing to do
	Ended   []string // names of the processes that ran
	Kept    bool     // the data is there for the next Up
}

// Down ends every process of the cluster, members last, and removes its files. It
// also clears up after an Up that was killed, and a record that cannot be read.
// That the cluster is down already is success.
func (c *Cluster) Down(ctx context.Context, o DownOptions) (DownResult, error) {
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	l, err := c.acquire(ctx, downCommand, false)
	if errors.Is(err, ErrNoCluster) {
		return c.downUnrecorded(ctx) // no directory, so nothing to lock or remove
	}
	if err != nil {
		return DownResult{}, err
	}
	defer l.release()

	st, err := c.load()
	switch {
	case errors.Is(err, ErrNoCluster), err != nil && !o.KeepData:
		res, problem := c.downUnrecorded(ctx)
		res.Already = res.Already && errors.Is(err, ErrNoCluster)
		return res, errors.Join(problem, c.clearAll())
	case err != nil:
		return DownResult{}, err
	}
	res, err := c.endAll(ctx, st, o)
	if err != nil {
		return res, err
	}
	if o.KeepData {
		res.Kept = true
		return res, c.clear(binFiles, logFiles)
	}
	res.Already = false
	return res, c.clearAll()
}

// downUnrecorded ends what runs without a record, or with one that cannot be read.
func (c *Cluster) downUnrecorded(ctx context.Context) (DownResult, error) {
	ended, err := c.sweep(ctx, nil)
	return DownResult{Already: len(ended) == 0, Ended: names(ended)}, err
}

func (c *Cluster) endAll(ctx context.Context, st *state, o DownOptions) (DownResult, error) {
	var res DownResult
	found, err := c.describeAll(ctx, st.Processes)
	if err != nil {
		return res, err
	}
	for _, p := range found {
		if p.State == model.ProcessRunning || p.State == model.ProcessPaused {
			res.Ended = append(res.Ended, p.Name)
		}
	}
	res.Already = len(res.Ended) == 0

	o.Progress(Step{Doing: "stop agents and aggregators"})
	err = c.end(ctx, st, st.clients(), ending{Signal: TERM, Command: downCommand}, leaveGrace)
	if err != nil {
		return res, err
	}
	o.Progress(Step{Doing: "stop members"})
	if err := c.endMembers(ctx, st, o.KeepData); err != nil {
		return res, err
	}
	strays, err := c.sweep(ctx, st.Processes)
	res.Ended = append(res.Ended, names(strays)...)
	return res, err
}

func (c *Cluster) endMembers(ctx context.Context, st *state, keepData bool) error {
	if !keepData { // quick, and harmless to data that is thrown away
		return c.end(ctx, st, st.members(), ending{Signal: KILL, Command: downCommand}, killGrace)
	}
	// One after the other: a leader that hands over to a member that ends as well
	// waits for etcd's request timeout of 7 s.
	for _, m := range st.members() {
		if err := c.end(ctx, st, []*record{m}, ending{Signal: TERM, Command: downCommand}, memberGrace); err != nil {
			return err
		}
	}
	return nil
}
