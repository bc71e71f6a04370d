package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// mirror knows the mod revision of every key that its follower knows.
type mirror struct {
	client   *Client
	ranges   []Range
	follower Follower
	revs     map[string]int64
	rev      int64 // the highest told
	// told is, for each range, the revision up to which its changes have been told:
	// what the watches of two ranges tell is in no order.
	told     []int64
	cluster  uint64 // the cluster that rev is of
	gap      bool   // the history after told is gone
	behind   bool   // the member's last word was a revision before rev
	replayed int64  // changes up to this revision were made while the watch was lost
	// asked has the members that lists and watches went to since a watch was open, and
	// at is the last of them that answered.
	asked *visited
	at    string
	// patience is how long a watch may take to open, and half of what it may take to
	// answer: twice as long with each that is given up, half as long with each answer.
	patience time.Duration
}

func newMirror(c *Client, ranges []Range, f Follower) *mirror {
	return &mirror{
		client: c, ranges: ranges, follower: f,
		revs: make(map[string]int64), told: make([]int64, len(ranges)), patience: patienceMin, asked: new(visited),
	}
}

// run lists and watches once. It reports whether the list succeeded, and what
// ended it.
func (m *mirror) run(ctx context.Context, listTimeout time.Duration) (listed bool, err error) {
	began := time.Now()
	list, err := m.list(ctx, listTimeout)
	if err != nil {
		return false, err
	}
	m.patience = min(max(m.patience, listsPatience*time.Since(began)), patienceMax)
	m.behind = false
	m.replayed = list.Header.Revision
	if m.continues(list) {
		m.follower.Update(Update{Revision: m.rev, Listed: true})
	} else {
		m.adopt(list)
	}
	err = m.watch(ctx)
	var compacted *compactedError
	m.gap = errors.As(err, &compacted)
	return true, err
}

func (m *mirror) list(ctx context.Context, timeout time.Duration) (*clientv3.TxnResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ctx, aim := m.asked.aimElsewhere(ctx)
	ops := make([]clientv3.Op, len(m.ranges))
	for i, r := range m.ranges {
		ops[i] = clientv3.OpGet(r.Key, r.options()...)
	}
	resp, err := m.client.Txn(ctx).Then(ops...).Commit()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", m.ranges[0].Key, err)
	}
	m.at = aim.address()
	return resp, nil
}

// continues reports whether the history after the last change told is to be had,
// so that the watch can go on where the last one ended: the list must be of the
// same store, which has not been set back and gone on another way since.
func (m *mirror) continues(list *clientv3.TxnResponse) bool {
	if m.follower.Latest || m.gap || m.cluster != list.Header.ClusterId || m.rev > list.Header.Revision {
		return false
	}
	for i, r := range list.Responses {
		if m.ranges[i].DeletesOnly {
			continue // its puts are not followed
		}
		for _, kv := range r.GetResponseRange().Kvs {
			if kv.ModRevision <= m.told[i] && m.revs[string(kv.Key)] != kv.ModRevision {
				return false
			}
		}
	}
	return true
}

// adopt tells how the list differs from what was told.
func (m *mirror) adopt(list *clientv3.TxnResponse) {
	u := Update{Revision: list.Header.Revision, Listed: true}
	revs := make(map[string]int64, len(m.revs))
	for _, r := range list.Responses {
		for _, kv := range r.GetResponseRange().Kvs {
			key := string(kv.Key)
			revs[key] = kv.ModRevision
			if m.revs[key] != kv.ModRevision {
				u.Changes = append(u.Changes, Change{Key: key, KV: kv, Revision: kv.ModRevision})
			}
		}
	}
	for key := range m.revs {
		if _, ok := revs[key]; !ok {
			u.Changes = append(u.Changes, Change{Key: key, Revision: u.Revision})
		}
	}
	m.revs, m.rev, m.cluster = revs, u.Revision, list.Header.ClusterId
	for i := range m.told {
		m.told[i] = u.Revision
	}
	m.follower.Update(u)
}

func (r Range) options() []clientv3.OpOption {
	if r.Prefix {
		return []clientv3.OpOption{clientv3.WithPrefix()}
	}
	return nil
}

func (m *mirror) apply(resp response) error {
	switch {
	case resp.CompactRevision != 0:
		return &compactedError{resp.CompactRevision}
	case resp.Created:
		return nil
	case len(resp.Events) == 0:
		return m.progress(resp)
	}
	m.behind = false
	u := Update{Changes: make([]Change, 0, len(resp.Events))}
	for _, e := range resp.Events {
		if e.Kv.ModRevision <= m.told[resp.of] {
			continue
		}
		key := string(e.Kv.Key)
		change := Change{Key: key, Revision: e.Kv.ModRevision}
		if e.Type == mvccpb.Event_PUT {
			change.KV = e.Kv
			m.revs[key] = e.Kv.ModRevision
		} else {
			delete(m.revs, key)
		}
		u.Changes = append(u.Changes, change)
		u.Revision = e.Kv.ModRevision
	}
	if len(u.Changes) == 0 {
		return nil
	}
	u.Replayed = u.Revision <= m.replayed
	m.rev = max(m.rev, u.Revision)
	m.told[resp.of] = max(m.told[resp.of], u.Revision)
	m.follower.Update(u)
	return nil
}

// progress takes in that all has been told up to a revision.
func (m *mirror) progress(resp response) error {
	revision := resp.GetHeader().GetRevision()
	if revision == 0 {
		return nil // says nothing
	}
	// A member that lags is behind for a moment, a restored store for good; and on
	// a busy store an answer may be overtaken by events. The second one in a row
	// makes a list that tells which.
	if revision < m.rev {
		if m.behind {
			return errRolledBack
		}
		m.behind = true
		return nil
	}
	m.behind = false
	m.rev = max(m.rev, revision)
	for i := range m.told {
		if resp.of == i || resp.of == everyRange {
			m.told[i] = max(m.told[i], revision)
		}
	}
	if m.follower.Progress != nil {
		m.follower.Progress(slices.Min(m.told))
	}
	return nil
}
