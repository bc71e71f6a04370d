package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
)

// Range names keys to follow.
type Range struct {
	Key    string
	Prefix bool // every key that begins with Key
	// DeletesOnly leaves out the puts that the watch would tell; those that a
	// list finds are told all the same.
	DeletesOnly bool
}

// Update is what changed since the Update before it. A key is in it once per
// change, in the order of the revisions.
type Update struct {
	// Revision is the store's at the time of the list, or of the last event.
	Revision int64
	// Listed tells that the changes come from a list: intermediate values may be
	// missing, and a delete's revision is that of the list.
	Listed bool
	// Replayed tells that the changes were made while the watch was lost: when is
	// not known.
	Replayed bool
	Changes  []Change
}

// Change is one put or delete.
type Change struct {
	Key string
	// KV is what was put; nil for a delete.
	KV *mvccpb.KeyValue
	// Revision is the mod revision of the put or delete.
	Revision int64
}

// Follower is told what a followed range holds.
type Follower struct {
	// Update is called first with all there is, then with every change. It must
	// not block: the watch waits for it.
	Update func(Update)
	// Lost is called when the store cannot be read any more; the next Update,
	// which may be empty, says that it can again. Optional.
	Lost func(error)
	// Progress is called now and then, with a revision up to which every change of
	// every range has been told. Optional.
	Progress func(revision int64)
	// Latest tells that what was written over while the watch was lost need not be
	// told. It spares the server a search of all that was written meanwhile, also by
	// others: what a large fleet must not ask of a store that is overloaded.
	Latest bool
}

const (
	retryMin = 50 * time.Millisecond
	retryMax = time.Second

	// A list is first given the time of a small one, so that a member that hangs
	// costs little; then more, for a large one on a busy store.
	listTimeoutMin = time.Second
	listTimeoutMax = 16 * time.Second
)

// Follow keeps f informed of what ranges hold until ctx ends, and returns ctx's
// error then. It lists, then watches from the list's revision + 1. Whatever ends
// the watch (compaction, no leader, a silent member, a restored store) makes it
// list again. Then the history since the last change tells what was missed,
// change by change, where the store still has it; where it is compacted, or is
// another store's, or the latest is enough, the difference to the list does.
func (c *Client) Follow(ctx context.Context, ranges []Range, f Follower) error {
	m := newMirror(c, ranges, f)
	delay, timeout := retryMin, listTimeoutMin
	for {
		listed, err := m.run(ctx, timeout)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.Lost != nil && !resumable(err) {
			f.Lost(err)
		}
		if listed {
			delay, timeout = retryMin, listTimeoutMin
		} else {
			timeout = min(2*timeout, listTimeoutMax)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
		delay = min(2*delay, retryMax)
	}
}

// resumable tells the ends of a watch that say nothing of the store's health.
func resumable(err error) bool {
	var compacted *compactedError
	return errors.As(err, &compacted) || errors.Is(err, errRolledBack)
}

type compactedError struct{ revision int64 }

func (e *compactedError) Error() string {
	return fmt.Sprintf("compacted up to revision %d", e.revision)
}

var errRolledBack = errors.New("the store's revision went back")
