package configpush

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// History returns what is still known of the changes of a host's config, the
// newest first: those of its log, and between and after them the changes by
// clients that leave no entry. Of the latter etcd itself tells what it has not
// compacted; what such a client has both stored and deleted shows nowhere.
func (s *Store) History(ctx context.Context, host string) ([]model.ConfigRevision, error) {
	stored, log, err := s.configAndLog(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("read history of config %q: %w", host, err)
	}
	h := historian{store: s, host: host}
	if err := h.tell(ctx, stored, log); err != nil {
		return nil, fmt.Errorf("read history of config %q: %w", host, err)
	}
	if err := h.compare(ctx); err != nil {
		return nil, fmt.Errorf("read history of config %q: %w", host, err)
	}
	slices.Reverse(h.rows)
	return h.rows, nil
}

// configAndLog reads a host's config and its log, the oldest entry first, as of
// one revision.
func (s *Store) configAndLog(ctx context.Context, host string) (stored *mvccpb.KeyValue, log []*mvccpb.KeyValue, err error) {
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).Then(
			clientv3.OpGet(keys.Config(host)),
			clientv3.OpGet(keys.ConfigLog(host), clientv3.WithPrefix()),
		).Commit()
	})
	if err != nil {
		return nil, nil, err
	}
	return first(resp.Responses[0].GetResponseRange().Kvs), resp.Responses[1].GetResponseRange().Kvs, nil
}

// errCompacted tells that etcd does not know any more.
var errCompacted = errors.New("compacted")

// at reads a host's config as it was at a revision: nil if there was none, and
// an error that is errCompacted if etcd does not know any more.
func (s *Store) at(ctx context.Context, host string, revision int64) (*mvccpb.KeyValue, error) {
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, keys.Config(host), clientv3.WithRev(revision))
	})
	switch {
	case err == nil:
		return first(resp.Kvs), nil
	case errors.Is(err, rpctypes.ErrCompacted):
		return nil, errCompacted
	}
	return nil, fmt.Errorf("read revision %d: %w", revision, err)
}

// maxForeign is how many changes by other clients are looked up, one read each.
const maxForeign = KeptEntries

// historian puts a history together, the oldest change first.
type historian struct {
	store *Store
	host  string
	rows  []model.ConfigRevision
	reads int // of changes by other clients
}

// tell makes the rows, without what they changed.
func (h *historian) tell(ctx context.Context, stored *mvccpb.KeyValue, log []*mvccpb.KeyValue) error {
	for _, kv := range log {
		_, seq, err := keys.ConfigLogSeq(string(kv.Key))
		var change model.ConfigChange
		if err != nil || json.Unmarshal(kv.Value, &change) != nil {
			continue // no entry of ours; the change that it hides shows as another client's
		}
		// What came before the oldest entry that was kept is not told.
		if len(h.rows) > 0 || seq == 1 {
			if err := h.bridge(ctx, change.Before, nil); err != nil {
				return err
			}
		}
		at := change.At
		h.rows = append(h.rows, model.ConfigRevision{
			Revision: kv.ModRevision, Seq: seq, ID: change.ID, By: change.By, At: &at, Message: change.Message,
			Before: &change.Before, Deleted: change.Deleted, Value: change.Value,
		})
	}
	if stored == nil {
		return h.bridge(ctx, 0, nil)
	}
	return h.bridge(ctx, stored.ModRevision, stored)
}

// left is the revision that the newest row left stored, 0 for none.
func (h *historian) left() int64 {
	if n := len(h.rows); n > 0 && !h.rows[n-1].Deleted {
		return h.rows[n-1].Revision
	}
	return 0
}

// bridge adds the changes by other clients that lead from what the newest row
// left to revision to, which is read unless it is given.
func (h *historian) bridge(ctx context.Context, to int64, kv *mvccpb.KeyValue) error {
	from := h.left()
	if from == to {
		return nil
	}
	if to == 0 {
		h.rows = append(h.rows, model.ConfigRevision{Before: &from, Deleted: true})
		return nil
	}
	var since int64 // of the newest row, a deletion too
	if n := len(h.rows); n > 0 {
		since = h.rows[n-1].Revision
	}
	bridge, err := h.back(ctx, to, since, kv)
	if err != nil {
		return err
	}
	if oldest := bridge[len(bridge)-1]; from != 0 && oldest.Before != nil && *oldest.Before == 0 {
		bridge = append(bridge, model.ConfigRevision{Before: &from, Deleted: true}) // it was created anew
	}
	slices.Reverse(bridge)
	h.rows = append(h.rows, bridge...)
	return nil
}

// back returns the puts from revision to back to, but without, revision since:
// the newest first, and as far as etcd knows.
func (h *historian) back(ctx context.Context, to, since int64, kv *mvccpb.KeyValue) ([]model.ConfigRevision, error) {
	row := model.ConfigRevision{Revision: to}
	var err error
	if kv == nil {
		kv, err = h.store.at(ctx, h.host, to)
	}
	var rows []model.ConfigRevision
	for ; ; h.reads++ {
		switch {
		case errors.Is(err, errCompacted), err == nil && (kv == nil || kv.ModRevision != row.Revision):
			return append(rows, row), nil
		case err != nil:
			return nil, err
		}
		value := string(kv.Value)
		row.Value = &value
		if kv.CreateRevision == kv.ModRevision {
			row.Before = new(int64(0))
			return append(rows, row), nil
		}
		if h.reads >= maxForeign {
			return append(rows, row), nil
		}
		before, readErr := h.store.at(ctx, h.host, kv.ModRevision-1)
		if errors.Is(readErr, errCompacted) || readErr == nil && before == nil {
			return append(rows, row), nil
		}
		if readErr != nil {
			return nil, readErr
		}
		row.Before = &before.ModRevision
		rows = append(rows, row)
		if before.ModRevision <= since {
			return rows, nil
		}
		row, kv = model.ConfigRevision{Revision: before.ModRevision}, before
	}
}

// compare says of every row what it changed.
func (h *historian) compare(ctx context.Context) error {
	values := make(map[int64]*string)
	for i := range h.rows {
		row := &h.rows[i]
		values[row.Revision] = row.Value
		if row.Before == nil || *row.Before == 0 || row.Deleted || row.Value == nil {
			row.Change = changeInWords(row, nil)
			continue
		}
		before, ok := values[*row.Before]
		if !ok {
			kv, err := h.store.at(ctx, h.host, *row.Before)
			if err != nil && !errors.Is(err, errCompacted) {
				return err
			}
			if kv != nil && kv.ModRevision == *row.Before {
				value := string(kv.Value)
				before = &value
			}
		}
		row.Change = changeInWords(row, before)
	}
	return nil
}
