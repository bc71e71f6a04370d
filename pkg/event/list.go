package event

import (
	"context"
	"fmt"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// pageSize is how many events are read at a time: a page has about 300 KB, and a
// time limit of its own.
const pageSize = 1000

// Log is what is kept of the events.
type Log struct {
	// Events are those that the filter takes, the oldest first; the newest
	// model.MaxEvents at most.
	Events []model.Event
	// Kept are all that are there, whether the filter takes them or not, and From
	// is when the first of them happened.
	Kept Span
	From time.Time
	// Led tells that an aggregator has led, and so would have written events.
	Led bool
	// Problems names what is no event, and numbers that are missing.
	Problems []string
}

// Lacks reports whether there were events since t that are not kept any more.
func (l *Log) Lacks(t time.Time) bool { return l.Kept.From > 1 && t.Before(l.From) }

// List reads the events that are kept. It reads page by page as things are, and
// not as of one revision: events are added at the end and trimmed at the
// beginning, and never changed. The error is an *etcd.UnreachableError where no
// member can be asked.
func List(ctx context.Context, pool *etcd.Pool, f Filter) (*Log, error) {
	r := lister{filter: f}
	from, more := keys.EventPrefix, true
	for more {
		page, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
			return c.Txn(ctx).Then(
				clientv3.OpGet(keys.Summary(), clientv3.WithCountOnly()),
				clientv3.OpGet(from, clientv3.WithRange(clientv3.GetPrefixRangeEnd(keys.EventPrefix)), clientv3.WithLimit(pageSize)),
			).Commit()
		})
		if err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		r.log.Led = page.Responses[0].GetResponseRange().Count > 0
		events := page.Responses[1].GetResponseRange()
		for _, kv := range events.Kvs {
			seq, e, err := decode(kv)
			r.add(seq, e, err)
			from = string(kv.Key) + "\x00"
		}
		r.keepNewest()
		more = events.More
	}
	return r.done(), nil
}

// lister adds up what is read, in the order of the keys.
type lister struct {
	filter   Filter
	log      Log
	problems problems
	dropped  int
}

func (l *lister) add(seq int64, e *model.Event, err error) {
	if err != nil {
		l.problems.add(err.Error())
	}
	if seq == 0 {
		return
	}
	kept := &l.log.Kept
	switch {
	case kept.From == 0:
		kept.From = seq
	case seq > kept.To+1:
		l.problems.add("missing: " + Span{kept.To + 1, seq - 1}.String())
	}
	kept.To = seq
	if e == nil {
		return
	}
	if l.log.From.IsZero() {
		l.log.From = e.Time
	}
	if l.filter.takes(e) {
		l.log.Events = append(l.log.Events, *e)
	}
}

// keepNewest bounds what a store that nobody trims can make us hold.
func (l *lister) keepNewest() {
	if over := len(l.log.Events) - model.MaxEvents; over > 0 {
		l.log.Events = slices.Delete(l.log.Events, 0, over)
		l.dropped += over
	}
}

func (l *lister) done() *Log {
	if l.dropped > 0 {
		l.problems.add(fmt.Sprintf("%d older events left out: an aggregator would keep %d", l.dropped, model.MaxEvents))
	}
	l.log.Led = l.log.Led || l.log.Kept.Len() > 0
	l.log.Problems = l.problems.told()
	return &l.log
}
