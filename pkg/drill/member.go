package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// endMember ends the raft leader, watches what comes of it, and restores it.
func (d *drill) endMember(ctx context.Context, run model.DrillRun, number, of int) (*model.DrillRun, error) {
	proof, err := d.probing(ctx, func(ctx context.Context, p *probe) error {
		var before *Standing
		err := d.aim(ctx, &run, func(ctx context.Context) (string, error) {
			var err error
			if before, err = d.spare(ctx, 1); err != nil {
				return "", err
			}
			return before.Leader.Name, nil
		})
		if err != nil {
			return err
		}
		run.Term, run.Before = before.Leader.Term, before.Members
		d.Tell(*before)
		d.Tell(Begun{Run: &run, Number: number, Of: of, Nodes: len(d.witness.before)})
		if err := d.loseLeader(ctx, &run, p); err != nil {
			return err
		}
		after, err := d.stand(ctx)
		if err != nil {
			return err
		}
		run.After = after.Members
		d.Tell(*after)
		return d.takeBack(ctx, &run)
	})
	if err != nil {
		return nil, err
	}
	run.Proof = proof
	d.promises = append(d.promises, proof...)
	return &run, nil
}

// stand looks at the members.
func (d *drill) stand(ctx context.Context) (*Standing, error) {
	list := status.Members(ctx, d.Source)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &Standing{Members: list.Items, Quorum: list.Quorum}
	d.up, d.names = make(map[string]bool), make(map[string]string)
	for i := range s.Members {
		m := &s.Members[i]
		d.names[m.Endpoint] = m.Name
		d.up[m.Name] = m.Answered()
		if m.Role == model.RoleLeader && m.RaftTerm != nil && *m.RaftTerm >= s.Leader.Term {
			s.Leader = model.LeaderInfo{Name: m.Name, ID: m.ID, Term: *m.RaftTerm}
		}
	}
	return s, nil
}

// spare looks at the members, and refuses where the loss of some would be more
// than they can bear.
func (d *drill) spare(ctx context.Context, loss int) (*Standing, error) {
	s, err := d.stand(ctx)
	if err != nil {
		return nil, err
	}
	q := s.Quorum
	switch {
	case q.Voters == 1 && loss > 0:
		return nil, &RefusedError{"the cluster has a single member: without it nothing could be read or written, and no other could lead"}
	case !q.Has():
		return nil, &RefusedError{fmt.Sprintf("there is no quorum: %d of %d voters answer, %d are needed", q.Up, q.Voters, q.Needed)}
	case q.MayLose < loss:
		return nil, &RefusedError{fmt.Sprintf("no quorum to spare: %d of %d voters answer, and %d are needed", q.Up, q.Voters, q.Needed)}
	case s.Leader.ID == "":
		return nil, errors.New("no member leads raft")
	}
	return s, nil
}

// loseLeader ends the leader and follows the timeline until everything goes on.
func (d *drill) loseLeader(ctx context.Context, run *model.DrillRun, p *probe) error {
	facts := memberFacts{
		name: run.Name, ending: endingOf(run), term: run.Term, quiet: quiet + d.Latency, before: d.witness.pulsesNow(),
	}
	sent, err := d.end(ctx, run)
	if err != nil {
		return err
	}
	facts.sent = sent
	looking, stop := context.WithCancel(ctx)
	sightings := make(chan sighting, 1)
	var looks sync.WaitGroup
	defer looks.Wait()
	defer stop()
	for _, c := range p.clients {
		looks.Go(func() { sight(looking, c, run.Before, run.Term, sightings) })
	}

	t := d.teller()
	err = d.await(ctx, "for the cluster to go on without "+run.Name, func(ctx context.Context) (bool, error) {
		select {
		case s := <-sightings:
			facts.leader = &s
			run.Successor, run.SuccessorTerm = s.name, s.term
		default:
		}
		facts.acks, facts.told, facts.pulses = p.acknowledged(), d.witness.toldFrom(p.from), d.witness.pulsesNow()
		if f, ok := p.firstFailure(sent); ok {
			facts.failure = &f
		}
		now := time.Now()
		marks, complete := facts.timeline(now)
		last, first := facts.writes()
		without := 0.0
		if first == nil && last != nil {
			without = now.Sub(last.at).Seconds()
		}
		t.tick(marks, now.Sub(sent).Seconds(), without)
		run.Timeline = marks
		if run.Method == model.DrillStop && facts.resumed.IsZero() && first != nil && facts.leader != nil {
			// A hang ends as soon as the others go on. One that outlasts the nodes'
			// leases makes the old leader revoke them all when it wakes (etcd 3.7.3:
			// revokeExpiredLeases trusts a raft loop that has ticked again).
			facts.resumed = time.Now()
			return false, d.restore(ctx)
		}
		return complete, nil
	})
	if err != nil {
		return err
	}
	t.rest(run)
	d.shaken = time.Now()
	return nil
}

// sightTimeout bounds one question to a member who leads; it answers by itself.
const sightTimeout = 200 * time.Millisecond

// sight asks a member who leads until it names another leader in a later term,
// and reports that unless another member has been faster.
func sight(ctx context.Context, c *etcd.Client, members []model.Member, term uint64, to chan<- sighting) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		asked, cancel := context.WithTimeout(ctx, sightTimeout)
		s, err := c.Status(asked, c.Endpoint())
		cancel()
		if err == nil && s.Leader != 0 && s.RaftTerm > term {
			id := strconv.FormatUint(s.Leader, 16)
			select {
			case to <- sighting{at: time.Now(), name: nameOf(id, members), term: s.RaftTerm}:
			default:
			}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func nameOf(id string, members []model.Member) string {
	i := slices.IndexFunc(members, func(m model.Member) bool { return m.ID == id })
	if i < 0 {
		return id
	}
	return members[i].Name
}

// takeBack restores the member that was ended, and waits until it has all that
// the others have.
func (d *drill) takeBack(ctx context.Context, run *model.DrillRun) error {
	if d.down != "" {
		d.Tell(Restoring{Run: run})
		if err := d.restore(ctx); err != nil {
			return err
		}
	}
	return d.awaitReturn(ctx, run, "catch up", func(ctx context.Context) bool {
		for _, c := range d.Source.Pool.Clients() {
			c.ActiveConnection().ResetConnectBackoff() // not to notice late that it is back
		}
		return d.caughtUp(ctx, run.Name)
	})
}

// caughtUp reports whether a member has applied all that any member knew of
// before it was asked: its lag is 0, however busy the cluster is.
func (d *drill) caughtUp(ctx context.Context, name string) bool {
	var newest uint64
	for _, m := range status.Members(ctx, d.Source).Items {
		if m.RaftIndex != nil {
			newest = max(newest, *m.RaftIndex)
		}
	}
	s, err := d.stand(ctx)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(s.Members, func(m model.Member) bool { return m.Name == name })
	if i < 0 {
		return false
	}
	m := &s.Members[i]
	return m.State == model.MemberUp && m.RaftApplied != nil && *m.RaftApplied >= newest
}
