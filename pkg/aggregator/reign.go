package aggregator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	// flushEvery is how often the cursor is written where nothing else is. It must
	// stay well below the time after which the store compacts, and is what the next
	// leader has to read again at most.
	flushEvery = time.Second
	// handoverTime bounds the last writes of a leader that stops in good order.
	handoverTime = 700 * time.Millisecond
)

// reign is one term of a leader: one goroutine follows the heartbeats' history
// and reduces it, another one writes down what follows.
type reign struct {
	client  *etcd.Client
	log     *slog.Logger
	now     func() time.Time
	verdict func() model.Verdict
	told    func(*page) // of every page written
	seen    func(int64) // of every revision that the history was followed to

	mu      sync.Mutex // of the reducer
	reducer *reducer

	backlog *backlog
	ledger  *ledger
	// unwritten is the page whose write was cut short; nil if there is none.
	unwritten *page
}

// crown is what makes a replica the leader of a term.
type crown struct {
	fence  fence
	leader model.Aggregator
	token  int64
	// event makes the event of the change of leader; before is the last leader's
	// summary, or nil.
	event func(before *model.Summary) model.Event
}

// run leads until ctx ends or the leadership is lost. When ctx ends it hands over
// in good order, where the leadership still allows it.
func (r *reign) run(ctx context.Context, c crown) error {
	found, err := r.inherit(ctx)
	if err != nil {
		return err
	}
	cursor := r.accede(found, c)
	actors, acting := errgroup.WithContext(ctx)
	actors.Go(func() error { return r.follow(acting, cursor) })
	actors.Go(func() error { return r.writeDown(acting) })
	err = actors.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		r.handOver(context.WithoutCancel(ctx))
	}
	return err
}

// inherit reads what the leaders before have left, as soon as the store allows.
func (r *reign) inherit(ctx context.Context) (found *inheritance, err error) {
	err = persist(ctx, r.log, func(ctx context.Context) error {
		found, err = inherit(ctx, r.client)
		return err
	})
	return found, err
}

// accede takes over where the last leader has ended, and returns the revision up
// to which all is counted; 0 if that is not known.
func (r *reign) accede(found *inheritance, c crown) int64 {
	r.reducer = newReducer(r.now)
	for _, kv := range found.roster {
		host, err := keys.RosterHost(string(kv.Key))
		if err != nil {
			continue
		}
		entry, err := model.DecodeRosterEntry(kv.Value)
		if err != nil {
			r.log.Warn("a roster entry cannot be read, and is made anew", "host", host, "err", err)
			continue
		}
		r.reducer.put(host, rosterEntry{entry, kv.ModRevision})
	}

	seq, term, cursor := found.position()
	r.ledger = &ledger{fence: c.fence, log: r.log, revision: found.summaryRevision}
	if found.summary != nil {
		r.ledger.summary = *found.summary
	}
	s := &r.ledger.summary
	s.Seq, s.Term, s.Leader, s.Token, s.Since = seq, term+1, c.leader, c.token, r.now()
	change := c.event(found.summary)
	change.Seq, change.Term, change.By = s.Seq+1, s.Term, s.Leader.Name
	s.Changes = append([]model.Event{change}, s.Changes...)
	s.Changes = s.Changes[:min(len(s.Changes), model.MaxChanges)]

	r.backlog = newBacklog(cursor, r.reducer.counts)
	r.unwritten = &page{events: []model.Event{change}, cursor: cursor, counts: r.reducer.counts}
	r.seal(r.unwritten)
	if cursor > found.revision {
		return 0 // the store was set back
	}
	return cursor
}

// follow reduces the history after cursor, and what goes on from there.
func (r *reign) follow(ctx context.Context, cursor int64) error {
	ranges := []etcd.Range{
		{Key: keys.HeartbeatPrefix, Prefix: true},
		{Key: keys.HostPrefix, Prefix: true, DeletesOnly: true},
	}
	for {
		if cursor > 0 {
			err := r.client.Tail(ctx, ranges, cursor, etcd.Follower{Update: r.update, Progress: r.progress})
			if !errors.Is(err, etcd.ErrHistoryGone) {
				return err
			}
		}
		var err error
		if cursor, err = r.bridge(ctx); err != nil {
			return err
		}
	}
}

// update reduces changes as they come.
func (r *reign) update(u etcd.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var steps []step
	var seen int64
	for _, c := range u.Changes {
		if host, err := keys.RosterHost(c.Key); err == nil {
			r.reducer.forget(host, c.Revision)
			continue
		}
		seen = c.Revision
		if o, ok := r.reducer.reduce(c); ok {
			steps = append(steps, step{o, c.Revision - 1, r.reducer.counts})
		}
	}
	r.backlog.add(seen, r.reducer.counts, steps...)
	if seen > 0 {
		r.seen(seen)
	}
}

// progress notes that nothing has happened up to a revision.
func (r *reign) progress(revision int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.backlog.add(revision, r.reducer.counts)
	r.seen(revision)
}

// bridge goes on without the history since the cursor: it compares the roster
// with the heartbeats that are there, and returns their revision.
func (r *reign) bridge(ctx context.Context) (int64, error) {
	var heartbeats, remembered []*mvccpb.KeyValue
	var revision int64
	err := persist(ctx, r.log, func(ctx context.Context) (err error) {
		heartbeats, remembered, revision, err = list(ctx, r.client)
		return err
	})
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	from, _ := r.backlog.reached()
	var steps []step
	if from > 0 || len(r.reducer.roster) > 0 { // else there is no history before
		steps = append(steps, step{before: from, counts: r.reducer.counts, outcome: outcome{events: []model.Event{{
			Type: model.EventGap, Time: r.now(), From: from, To: revision,
			Reason: fmt.Sprintf("the history between revisions %d and %d is not to be had", from, revision),
		}}}})
	}
	r.reducer.forgetOthers(remembered, revision)
	for _, o := range r.reducer.reconcile(heartbeats, revision) {
		// Until all are written, the cursor stays before the gap.
		steps = append(steps, step{o, from, r.reducer.counts})
	}
	r.backlog.jump(revision, r.reducer.counts, steps...)
	return revision, nil
}
