package aggregator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// fence makes txns that are refused once the leadership is over;
// *election.Term is one.
type fence interface {
	Commit(ctx context.Context, cmps []clientv3.Cmp, ops, orElse []clientv3.Op) (*clientv3.TxnResponse, error)
}

// ledger writes what a leader has found out. Every txn is fenced, compares the
// summary with the one that this leader read or wrote last, and writes a new one:
// a txn whose answer was lost can be made again, and happens once.
type ledger struct {
	fence    fence
	log      *slog.Logger
	summary  model.Summary
	revision int64 // mod revision of the summary; 0 if there is none
}

// page is what is written in one txn.
type page struct {
	events   []model.Event // without numbers
	roster   map[string]*model.RosterEntry
	cursor   int64
	counts   model.RosterCounts
	verdict  model.Verdict
	written  time.Time
	resigned bool
}

// errStrange tells that somebody else has written the summary: what is known of
// it is to be read anew.
var errStrange = errors.New("the summary was changed by another client")

// write writes a page, however often it has to try, until ctx ends or the
// leadership is over. It returns the revision of the txn.
func (l *ledger) write(ctx context.Context, p *page) (int64, error) {
	next := l.summary
	next.Seq += int64(len(p.events))
	next.Cursor, next.Counts, next.Verdict = p.cursor, p.counts, p.verdict
	next.Written, next.Resigned = p.written, p.resigned
	ops, err := l.ops(p, &next)
	if err != nil {
		return 0, err
	}
	unchanged := []clientv3.Cmp{clientv3.Compare(clientv3.ModRevision(keys.Summary()), "=", l.revision)}
	read := []clientv3.Op{clientv3.OpGet(keys.Summary())}
	var resp *clientv3.TxnResponse
	err = persist(ctx, l.log, func(ctx context.Context) (err error) {
		resp, err = l.fence.Commit(ctx, unchanged, ops, read)
		return err
	})
	if err == nil {
		err = l.wrote(resp, &next)
	}
	if err != nil {
		return 0, fmt.Errorf("write events and roster: %w", err)
	}
	l.summary = next
	return l.revision, nil
}

// wrote finds out at which revision the summary next was written: by this txn,
// or by one before it whose answer was lost.
func (l *ledger) wrote(resp *clientv3.TxnResponse, next *model.Summary) error {
	if resp.Succeeded {
		l.revision = resp.Header.Revision
		return nil
	}
	for _, r := range resp.Responses {
		for _, kv := range r.GetResponseRange().GetKvs() {
			if string(kv.Key) != keys.Summary() {
				continue
			}
			found, err := model.DecodeSummary(kv.Value)
			if err == nil && found.Token == next.Token && found.Seq == next.Seq && found.Written.Equal(next.Written) {
				l.revision = kv.ModRevision
				return nil
			}
		}
	}
	return errStrange
}

// ops are the writes of a page.
func (l *ledger) ops(p *page, next *model.Summary) ([]clientv3.Op, error) {
	var ops []clientv3.Op
	put := func(key string, record any) error {
		value, err := json.Marshal(record)
		if err != nil {
			return fmt.Errorf("encode %q: %w", key, err)
		}
		ops = append(ops, clientv3.OpPut(key, string(value)))
		return nil
	}
	for i, e := range p.events {
		e.Seq = l.summary.Seq + int64(i) + 1
		e.Term, e.By = next.Term, next.Leader.Name
		if err := put(keys.Event(e.Seq), e); err != nil {
			return nil, err
		}
	}
	for host, entry := range p.roster {
		if err := put(keys.Roster(host), entry); err != nil {
			return nil, err
		}
	}
	if oldest := next.Seq - model.MaxEvents + 1; len(p.events) > 0 && oldest > 1 {
		ops = append(ops, clientv3.OpDelete(keys.EventPrefix, clientv3.WithRange(keys.Event(oldest))))
	}
	return ops, put(keys.Summary(), next)
}
