package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
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

// Liveness of a watch: one that said nothing for quietTime is asked for its
// progress, and given up when it does not answer in time.
const (
	quietTime = 3 * time.Second
	// progressTime is how often a busy watch is asked too: a range in which
	// nothing happens would else be resumed at a revision compacted long ago.
	progressTime = 10 * time.Second
	retryMin     = 50 * time.Millisecond
	retryMax     = time.Second

	// A list is first given the time of a small one, so that a member that hangs
	// costs little; then more, for a large one on a busy store.
	listTimeoutMin = time.Second
	listTimeoutMax = 16 * time.Second

	// The same goes for the opening of a watch, and twice of it for an answer. Whoever
	// gives up a watch lists and opens another one: a store that is only slow would
	// drown in that, if every follower went on being as impatient. How slow it is the
	// list before the watch has shown.
	patienceMin   = time.Second
	patienceMax   = 16 * time.Second
	listsPatience = 4 // in times that the list took
)

// backlog is how many responses may wait for their follower: handed over one by one,
// they would come as late as a busy machine's scheduler makes each of them.
const backlog = 256

var errSilent = errors.New("the watch does not answer")

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
	// patience is how long a watch may take to open, and half of what it may take to
	// answer: twice as long with each that is given up, half as long with each answer.
	patience time.Duration
}

func newMirror(c *Client, ranges []Range, f Follower) *mirror {
	return &mirror{
		client: c, ranges: ranges, follower: f,
		revs: make(map[string]int64), told: make([]int64, len(ranges)), patience: patienceMin,
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
	ops := make([]clientv3.Op, len(m.ranges))
	for i, r := range m.ranges {
		ops[i] = clientv3.OpGet(r.Key, r.options()...)
	}
	resp, err := m.client.Txn(ctx).Then(ops...).Commit()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", m.ranges[0].Key, err)
	}
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

// watch tells changes until something ends the watch.
func (m *mirror) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
	// A watcher of its own has a stream of its own, and takes it along when it is
	// closed: the next one may be on another member.
	watcher := clientv3.NewWatcher(m.client.Client)
	responses, opened := make(chan response, backlog), make(chan struct{}, len(m.ranges))
	var forwarders sync.WaitGroup
	defer forwarders.Wait()
	defer watcher.Close()
	defer cancel()
	for i, r := range m.ranges {
		from := m.told[i] + 1
		if m.told[i] == m.replayed {
			// Nothing was written since the list. Asked for its progress, the server says
			// nothing of a watch that begins after its own revision: this one begins at it,
			// and what it tells again is left out.
			from = max(1, m.told[i])
		}
		opts := append(r.options(), clientv3.WithRev(from), clientv3.WithFragment())
		if r.DeletesOnly {
			opts = append(opts, clientv3.WithFilterPut())
		}
		// Watch returns only once the server has confirmed: for ever, if that never happens.
		forwarders.Go(func() {
			told := watcher.Watch(ctx, r.Key, opts...)
			opened <- struct{}{}
			forward(ctx, i, told, responses)
		})
	}
	closed := len(m.ranges)
	opening := time.NewTimer(m.patience)
	defer opening.Stop()

	alive := time.NewTimer(quietTime)
	defer alive.Stop()
	progress := time.NewTicker(progressTime)
	defer progress.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-opened:
			if closed--; closed == 0 {
				opening.Stop()
			}
		case <-opening.C:
			return m.silent()
		case resp := <-responses:
			if err := m.apply(resp); err != nil {
				return err
			}
			alive.Reset(quietTime)
			if asked {
				m.patience = max(m.patience/2, patienceMin)
			}
			asked = false
		case <-progress.C:
			if err := m.askProgress(ctx, watcher); err != nil {
				return err
			}
		case <-alive.C:
			if asked {
				return m.silent()
			}
			asked = true
			if err := m.askProgress(ctx, watcher); err != nil {
				return err
			}
			alive.Reset(2 * m.patience)
		}
	}
}

// silent is the end of a watch that is given up.
func (m *mirror) silent() error {
	m.patience = min(2*m.patience, patienceMax)
	return errSilent
}

func (m *mirror) askProgress(ctx context.Context, watcher clientv3.Watcher) error {
	ctx, cancel := context.WithTimeout(ctx, 2*m.patience)
	defer cancel()
	if err := watcher.RequestProgress(ctx); err != nil {
		return fmt.Errorf("ask the watch for progress: %w", err)
	}
	return nil
}

// response is what the watch of one range tells.
type response struct {
	of int // the range's number
	clientv3.WatchResponse
}

// forward hands the responses of one watch on, and a last, cancelled one when
// its channel is closed.
func forward(ctx context.Context, of int, from clientv3.WatchChan, to chan<- response) {
	for {
		resp, ok := <-from
		if !ok {
			resp = clientv3.WatchResponse{Canceled: true}
		}
		select {
		case to <- response{of, resp}:
		case <-ctx.Done():
			return
		}
		if !ok {
			return
		}
	}
}

func (m *mirror) apply(resp response) error {
	switch {
	case resp.CompactRevision != 0:
		return &compactedError{resp.CompactRevision}
	case resp.Err() != nil:
		return fmt.Errorf("watch: %w", resp.Err())
	case resp.IsProgressNotify():
		// A member that lags is behind for a moment, a restored store for good; and on
		// a busy store an answer may be overtaken by events. The second one in a row
		// makes a list that tells which.
		if resp.Header.Revision < m.rev {
			if m.behind {
				return errRolledBack
			}
			m.behind = true
			return nil
		}
		m.behind = false
		m.rev = max(m.rev, resp.Header.Revision)
		m.told[resp.of] = max(m.told[resp.of], resp.Header.Revision)
		if m.follower.Progress != nil {
			m.follower.Progress(slices.Min(m.told))
		}
		return nil
	case len(resp.Events) == 0:
		return nil
	}
	m.behind = false
	u := Update{Changes: make([]Change, 0, len(resp.Events))}
	for _, e := range resp.Events {
		if e.Kv.ModRevision <= m.told[resp.of] {
			continue
		}
		key := string(e.Kv.Key)
		change := Change{Key: key, Revision: e.Kv.ModRevision}
		if e.Type == clientv3.EventTypePut {
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
