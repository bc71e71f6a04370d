package etcd

import (
	"context"
	"errors"
	"time"
)

// ErrHistoryGone tells that the store does not have the history after a revision:
// it is compacted, or the store was set back to an earlier state.
var ErrHistoryGone = errors.New("the history is compacted, or of another store")

// Tail tells every change of the ranges after a revision, each once; those of one
// range are in order. It goes on over lost watches until ctx ends (and returns
// ctx's error then) or the history that it needs is gone (ErrHistoryGone). f.Lost
// is not called.
func (c *Client) Tail(ctx context.Context, ranges []Range, after int64, f Follower) error {
	m := newMirror(c, ranges, f)
	m.rev = after
	for i := range m.told {
		m.told[i] = after
	}
	delay := retryMin
	for {
		before := m.rev
		err := m.watch(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case m.historyGone(ctx, err):
			return ErrHistoryGone
		case m.rev > before:
			delay = retryMin
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
		delay = min(2*delay, retryMax)
	}
}

// historyGone tells whether what ended a watch means that it cannot be resumed.
func (m *mirror) historyGone(ctx context.Context, err error) bool {
	if !errors.Is(err, errRolledBack) {
		return resumable(err)
	}
	list, err := m.list(ctx, listTimeoutMin)
	return err == nil && list.Header.Revision < m.rev
}
