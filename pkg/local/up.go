package local

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Defaults of a new cluster, and what UpOptions takes for "as recorded".
const (
	DefaultMembers     = 3
	DefaultAgents      = 3
	DefaultAggregators = 2

	MembersAsRecorded     = 0
	AgentsAsRecorded      = -1
	AggregatorsAsRecorded = -1

	// MaxAgents keeps a mistyped number from taking the machine down.
	MaxAgents = 1000
	// MaxAggregators is as many as anybody would have stand by.
	MaxAggregators = 5
)

const upCommand = "local up"

// UpOptions says what cluster is wanted.
type UpOptions struct {
	// Members is 1, 3 or 5, or MembersAsRecorded. It is fixed for the life of
	// the cluster.
	Members int
	// Agents is 0 or more, or AgentsAsRecorded. Fewer than are recorded stops
	// those with the highest numbers and forgets them.
	Agents int
	// Aggregators is 0 or more, or AggregatorsAsRecorded. Fewer than are recorded
	// stops and forgets likewise.
	Aggregators int
	Tuning
	// Progress, if set, is told of each step, by one goroutine at a time.
	Progress func(Step)
}

// UpResult says what Up found and did. The lists hold names of processes.
type UpResult struct {
	Created bool     // there was no cluster before
	Running []string // ran already
	Started []string
	Resumed []string // were paused
	Stopped []string // agents and aggregators more than wanted
	// Recovered says what had gone wrong since the last command: "the machine
	// was restarted since", `"etcd-2": ended by itself or was killed`.
	Recovered []string
}

// Validate reports every option that is out of its range, as *InvalidError.
func (o UpOptions) Validate() error {
	var problems []error
	if !slices.Contains([]int{MembersAsRecorded, 1, 3, 5}, o.Members) {
		problems = append(problems, invalid("members must be 1, 3 or 5, not %d", o.Members))
	}
	if o.Agents != AgentsAsRecorded && (o.Agents < 0 || o.Agents > MaxAgents) {
		problems = append(problems, invalid("agents must be 0 to %d, not %d", MaxAgents, o.Agents))
	}
	if o.Aggregators != AggregatorsAsRecorded && (o.Aggregators < 0 || o.Aggregators > MaxAggregators) {
		problems = append(problems, invalid("aggregators must be 0 to %d, not %d", MaxAggregators, o.Aggregators))
	}
	return errors.Join(append(problems, o.checkFields())...)
}

// Up makes the cluster run: it starts what is missing, resumes what is paused,
// and returns when every member takes part in a quorum, every agent has its
// heartbeat in etcd, every aggregator is ready and one of them leads. It waits as
// long as ctx allows; what has been started by then stays, is recorded, and is
// waited for by the next Up. A process that ends in the meantime is an
// *ExitedError.
func (c *Cluster) Up(ctx context.Context, o UpOptions) (UpResult, error) {
	if err := o.Validate(); err != nil {
		return UpResult{}, err
	}
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	l, err := c.acquire(ctx, upCommand, true)
	if err != nil {
		return UpResult{}, err
	}
	defer l.release()

	u := &up{Cluster: c, options: o}
	err = u.run(ctx)
	return u.result, err
}

// up is one run of Up.
type up struct {
	*Cluster
	options UpOptions
	result  UpResult
	st      *state
}

func (u *up) run(ctx context.Context) error {
	surplus, err := u.plan(ctx)
	if err != nil {
		return err
	}
	if err := u.dismiss(ctx, surplus); err != nil {
		return err
	}
	if err := u.retune(ctx); err != nil {
		return err
	}
	missing, err := u.survey(ctx)
	if err != nil {
		return err
	}

	if err := u.startMembers(ctx, intersect(u.st.members(), missing)); err != nil {
		return err
	}
	var since int64
	err = u.whileAlive(ctx, u.st.members(), func(ctx context.Context) (err error) {
		since, err = awaitMembers(ctx, u.st.members(), u.options.Progress)
		return err
	})
	if err != nil {
		return err
	}

	// Only now, so that a key that a dead process has left behind can be told from
	// that of the new one: by its revision, and by no clock.
	clients := intersect(u.st.clients(), missing)
	if err := u.startMissing(ctx, clients); err != nil {
		return err
	}
	return u.whileAlive(ctx, u.st.Processes, func(ctx context.Context) error {
		return awaitClients(ctx, u.st, launched{clients, since}, u.options.Progress)
	})
}

// startMembers starts one member after the other, each when the one before serves
// its peers. A member with data asks all others for their hashes before it serves
// anybody (feature InitialCorruptCheck): started at once, each would wait for
// answers of the others for etcd's request timeout of 7 s, once per peer. One that
// is not there yet refuses the connection, which costs nothing.
func (u *up) startMembers(ctx context.Context, members []*record) error {
	for _, m := range members {
		if err := u.startMissing(ctx, []*record{m}); err != nil {
			return err
		}
		err := u.whileAlive(ctx, []*record{m}, func(ctx context.Context) error { return awaitServing(ctx, m) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *up) startMissing(ctx context.Context, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	u.options.Progress(Step{Doing: "start " + strings.Join(names(records), ", ")})
	if err := u.start(ctx, u.st, records); err != nil {
		return err
	}
	u.result.Started = append(u.result.Started, names(records)...)
	return nil
}
