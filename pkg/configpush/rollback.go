package configpush

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// NoRevisionError tells that a config cannot be brought back to a revision.
type NoRevisionError struct {
	Host     string
	Revision int64
	// Compacted tells that etcd does not know any more whether there was one.
	Compacted bool
	Known     []int64 // the revisions that there are, the newest first
}

func (e *NoRevisionError) Error() string {
	why := "this config has no such revision"
	if e.Compacted {
		why = "it is not in the log, and compacted"
	}
	known := "none is known"
	if len(e.Known) > 0 {
		texts := make([]string, len(e.Known))
		for i, revision := range e.Known {
			texts[i] = strconv.FormatInt(revision, 10)
		}
		known = "there are " + strings.Join(texts, ", ")
	}
	return fmt.Sprintf("find revision %d of config %q: %s; %s, and 0 for no config", e.Revision, e.Host, why, known)
}

// Rollback says what brings a host's config back to one of its revisions: the
// same bytes, or no config, which is what a deletion's revision and 0 mean. A
// revision that is not to be had is a *NoRevisionError, and one that no agent
// could use an *InvalidError.
func (s *Store) Rollback(ctx context.Context, host string, to int64) (Wanted, error) {
	w := Wanted{Host: host, Delete: to == 0}
	if w.Delete {
		return w, nil
	}
	history, err := s.History(ctx, host)
	if err != nil {
		return w, err
	}
	value, deleted := find(history, to)
	if value == nil && !deleted {
		if value, deleted, err = s.recall(ctx, host, to, history); err != nil {
			return w, err
		}
	}
	if deleted {
		w.Delete = true
		return w, nil
	}
	w.JSON = []byte(*value)
	return w, Check(host, w.JSON)
}

func find(history []model.ConfigRevision, revision int64) (value *string, deleted bool) {
	for _, row := range history {
		if row.Revision == revision {
			return row.Value, row.Deleted
		}
	}
	return nil, false
}

// recall asks etcd for a revision that the log does not have.
func (s *Store) recall(ctx context.Context, host string, revision int64, history []model.ConfigRevision) (value *string, deleted bool, err error) {
	none := &NoRevisionError{Host: host, Revision: revision}
	for _, row := range history {
		if row.Value != nil || row.Deleted && row.Revision != 0 {
			none.Known = append(none.Known, row.Revision)
		}
	}
	kv, err := s.at(ctx, host, revision)
	switch {
	case errors.Is(err, errCompacted):
		none.Compacted = true
		return nil, false, none
	case errors.Is(err, rpctypes.ErrFutureRev):
		return nil, false, none
	case err != nil:
		return nil, false, err
	case kv != nil && kv.ModRevision == revision:
		text := string(kv.Value)
		return &text, false, nil
	case kv != nil || revision == 1:
		return nil, false, none
	}
	before, err := s.at(ctx, host, revision-1)
	switch {
	case errors.Is(err, errCompacted):
		none.Compacted = true
		return nil, false, none
	case err != nil:
		return nil, false, err
	case before == nil:
		return nil, false, none
	}
	return nil, true, nil
}
