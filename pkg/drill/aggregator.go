package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const noAggregator = "no aggregator leads"

// endAggregator ends the aggregators' leader, watches what comes of it, restores
// it, and tries to write in its name.
func (d *drill) endAggregator(ctx context.Context, run model.DrillRun, number, of int) (*model.DrillRun, error) {
	proof, err := d.probing(ctx, func(ctx context.Context, p *probe) error {
		var leader candidate
		err := d.aim(ctx, &run, func(ctx context.Context) (string, error) {
			var err error
			leader, err = d.spareLeader(ctx)
			return leader.Name, err
		})
		if err != nil {
			return err
		}
		run.Token = leader.token
		run.Term = uint64(d.witness.termOf(leader.token))
		line := d.line()
		d.Tell(line)
		standbys := len(line.Standbys)
		d.Tell(Begun{Run: &run, Number: number, Of: of, Nodes: len(d.witness.before)})
		if err := d.loseAggregator(ctx, &run); err != nil {
			return err
		}
		d.Tell(d.line())
		if err := d.takeAggregatorBack(ctx, &run, standbys); err != nil {
			return err
		}
		return d.tryOldToken(ctx, p, leader, &run)
	})
	if err != nil {
		return nil, err
	}
	run.Proof = proof
	d.promises = append(d.promises, proof...)
	return &run, nil
}

// standbyTime is how long a standby that has just been started may take to get in
// line.
const standbyTime = 3 * time.Second

// spareLeader is the leader, which must have taken office and have a standby.
func (d *drill) spareLeader(ctx context.Context) (leader candidate, err error) {
	if len(d.witness.line()) == 0 {
		return leader, errors.New(noAggregator)
	}
	err = d.await(ctx, "for the aggregators' leader to take office", func(context.Context) (bool, error) {
		line := d.witness.line()
		if len(line) == 0 {
			return false, nil
		}
		leader = line[0]
		return d.witness.termOf(leader.token) > 0, nil
	})
	if err != nil {
		return leader, err
	}
	waiting, cancel := context.WithTimeout(ctx, standbyTime)
	defer cancel()
	_ = d.await(waiting, "for a standby", func(context.Context) (bool, error) { return len(d.witness.line()) > 1, nil })
	switch {
	case leader.Name == "":
		return leader, fmt.Errorf("what is under %q is no aggregator's", leader.key)
	case len(d.witness.line()) < 2:
		return leader, &RefusedError{fmt.Sprintf("%s leads the aggregators and has no standby: nobody could take over", leader.Name)}
	}
	return leader, nil
}

func (d *drill) line() Line {
	var l Line
	for i, c := range d.witness.line() {
		if i == 0 {
			l.Leader, l.Token, l.Term = c.Aggregator, c.token, d.witness.termOf(c.token)
		} else {
			l.Standbys = append(l.Standbys, c.Aggregator)
		}
	}
	return l
}

// loseAggregator ends the leader and follows the timeline until another has taken
// office.
func (d *drill) loseAggregator(ctx context.Context, run *model.DrillRun) error {
	sent, err := d.end(ctx, run)
	if err != nil {
		return err
	}
	t := d.teller()
	err = d.await(ctx, "for another aggregator to take over from "+run.Name, func(context.Context) (bool, error) {
		facts := d.witness.leaderFacts(run.Token)
		facts.ending, facts.sent = endingOf(run), sent
		marks, complete := facts.timeline()
		t.tick(marks, time.Since(sent).Seconds(), 0)
		run.Timeline = marks
		if next, in, ok := facts.successor(); ok {
			run.Successor, run.SuccessorToken, run.SuccessorTerm = next.Name, in.token, uint64(in.term)
		}
		return complete, nil
	})
	if err != nil {
		return err
	}
	t.rest(run)
	return nil
}

// takeAggregatorBack restores the aggregator that was ended, and waits until it
// stands by; where its pod was deleted, until as many do as before, since the new
// one has a name of its own.
func (d *drill) takeAggregatorBack(ctx context.Context, run *model.DrillRun, standbys int) error {
	d.Tell(Restoring{Run: run})
	if err := d.restore(ctx); err != nil {
		return err
	}
	return d.awaitReturn(ctx, run, "stand by", func(context.Context) bool {
		line := d.witness.line()
		if run.Graceful != "" {
			return len(line) > standbys
		}
		return slices.ContainsFunc(line, func(c candidate) bool { return c.Name == run.Name && c.token > run.Token })
	})
}

// tryOldToken makes a write as the old leader would make it. It must be refused.
func (d *drill) tryOldToken(ctx context.Context, p *probe, old candidate, run *model.DrillRun) error {
	resp, err := etcd.Read(ctx, d.Source.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision(old.key), "=", old.token)).
			Then(clientv3.OpPut(keys.DrillFence(d.id), old.Name, clientv3.WithLease(p.lease))).
			Commit()
	})
	if err != nil {
		return fmt.Errorf("try to write in the name of %s: %w", old.Name, err)
	}
	d.tried++
	run.Refused = !resp.Succeeded
	if resp.Succeeded {
		d.accepted = append(d.accepted, fmt.Sprintf("a write under the token %d of %s", old.token, old.Name))
	}
	return nil
}

// leaderFacts copies what the witness knows of the end of a leader.
func (w *witness) leaderFacts(token int64) leaderFacts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return leaderFacts{token: token, gone: w.gone[token], leads: w.leads, summaries: w.summaries}
}

// termOf is the term of the leader with a token; 0 if it has written no summary.
func (w *witness) termOf(token int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.summaries {
		if s.token == token {
			return s.term
		}
	}
	return 0
}

// endingOf says how a leader is ended.
func endingOf(run *model.DrillRun) string {
	if run.Graceful != "" {
		return "deletion of the pod " + run.Name
	}
	return "SIG" + strings.ToUpper(string(run.Method)) + " to " + run.Name
}
