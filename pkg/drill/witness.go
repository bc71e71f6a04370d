package drill

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// told is a put of the probe, and when the watch told of it.
type told struct {
	record
	at time.Time
}

// pulse is what is known of a node's heartbeats.
type pulse struct {
	life     string
	leaving  bool
	interval time.Duration // promised; 0 if none is
	ttl      time.Duration // of its lease; 0 if it does not say
	last     time.Time     // when the newest came
}

// candidate is an aggregator's key.
type candidate struct {
	key   string
	token int64
	model.Aggregator
}

// lead is that a candidate became the first in line; the zero candidate is none.
type lead struct {
	candidate
	at time.Time
}

// witness watches all that a drill is measured by, and writes down when it was
// told of what.
type witness struct {
	client *etcd.Client
	id     string // of the drill

	revision int64 // that of the beginning
	seq      int64 // of the newest event at the beginning
	before   lives
	reduced  bool // an aggregator has written a summary: events are due

	mu         sync.Mutex
	told       []told
	pulses     map[string]pulse
	dues       []due
	candidates []candidate // by token
	gone       map[int64]time.Time
	leads      []lead
	summaries  []stamped
	events     []eventPut
}

// stamped is a summary, and when the watch told of it.
type stamped struct {
	signed
	term int64
	at   time.Time
}

// newWitness reads what there is.
func newWitness(ctx context.Context, client *etcd.Client, id string) (*witness, error) {
	resp, err := client.Txn(ctx).Then(
		clientv3.OpGet(keys.HeartbeatPrefix, clientv3.WithPrefix()),
		clientv3.OpGet(keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix()),
		clientv3.OpGet(keys.Summary()),
		clientv3.OpGet(keys.EventPrefix, append(clientv3.WithLastKey(), clientv3.WithKeysOnly())...),
	).Commit()
	if err != nil {
		return nil, fmt.Errorf("read what there is: %w", err)
	}
	w := &witness{
		client: client, id: id, revision: resp.Header.Revision,
		pulses: make(map[string]pulse), gone: make(map[int64]time.Time),
	}
	at := func(i int) []*mvccpb.KeyValue { return resp.Responses[i].GetResponseRange().Kvs }
	w.before = livesOf(at(0))
	for _, kv := range at(0) {
		w.heartbeat(etcd.Change{Key: string(kv.Key), KV: kv, Revision: kv.ModRevision}, time.Time{})
	}
	for _, kv := range at(1) {
		w.candidate(etcd.Change{Key: string(kv.Key), KV: kv, Revision: kv.ModRevision}, time.Time{})
	}
	for _, kv := range at(2) {
		w.summary(etcd.Change{Key: string(kv.Key), KV: kv, Revision: kv.ModRevision}, time.Time{})
	}
	for _, kv := range at(3) {
		if w.seq, err = keys.EventSeq(string(kv.Key)); err != nil {
			return nil, err
		}
	}
	w.reduced = len(w.summaries) > 0
	w.dues, w.leads = nil, nil // what was there before is no news
	return w, nil
}

// watch goes on with all that happens since, until ctx ends.
func (w *witness) watch(ctx context.Context) error {
	ranges := []etcd.Range{
		{Key: keys.Drill(w.id), Prefix: true},
		{Key: keys.HeartbeatPrefix, Prefix: true},
		{Key: keys.Candidates(keys.AggregatorElection), Prefix: true},
		{Key: keys.Summary()},
		{Key: keys.EventPrefix, Prefix: true},
	}
	return w.client.Tail(ctx, ranges, w.revision, etcd.Follower{Update: w.update})
}

func (w *witness) update(u etcd.Update) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range u.Changes {
		switch {
		case strings.HasPrefix(c.Key, keys.Drill(w.id)):
			if c.KV != nil {
				w.told = append(w.told, told{record{c.Key, string(c.KV.Value), c.Revision}, now})
			}
		case strings.HasPrefix(c.Key, keys.HeartbeatPrefix):
			w.heartbeat(c, now)
		case strings.HasPrefix(c.Key, keys.EventPrefix):
			w.event(c)
		case c.Key == keys.Summary():
			w.summary(c, now)
		default:
			w.candidate(c, now)
		}
	}
}

// heartbeat notes a heartbeat or its end, and what the leading aggregator owes an
// event for. A zero time means that it was there before.
func (w *witness) heartbeat(c etcd.Change, at time.Time) {
	host, err := keys.HeartbeatHost(c.Key)
	if err != nil {
		return
	}
	known, alive := w.pulses[host]
	if c.KV == nil {
		if alive && !known.leaving {
			w.owe(host+"'s heartbeat ended", c.Revision, model.EventDied)
		}
		delete(w.pulses, host)
		return
	}
	hb, err := model.DecodeHeartbeat(c.KV.Value)
	if err != nil {
		return
	}
	if at.IsZero() {
		at = hb.Time()
	}
	next := pulse{
		life: lifeOf(hb, c.KV), leaving: hb.Status == model.StatusLeaving,
		interval: model.Seconds(hb.Interval), ttl: time.Duration(hb.TTL) * time.Second, last: at,
	}
	switch {
	case next.leaving && alive && !known.leaving:
		w.owe(host+" left", c.Revision, model.EventLeft)
	case !next.leaving && !alive:
		w.owe(host+"'s heartbeat began", c.Revision, model.EventJoined, model.EventReturned)
	}
	w.pulses[host] = next
}

func (w *witness) owe(what string, revision int64, types ...model.EventType) {
	w.dues = append(w.dues, due{what, types, revision})
}

// lifeOf tells one life of an agent from the next. A foreign agent that does not
// say is known by its key, which a death would end.
func lifeOf(hb *model.Heartbeat, kv *mvccpb.KeyValue) string {
	if hb.Boot != "" {
		return hb.Boot
	}
	return fmt.Sprintf("created at %d", kv.CreateRevision)
}

func livesOf(heartbeats []*mvccpb.KeyValue) lives {
	l := make(lives)
	for _, kv := range heartbeats {
		host, badName := keys.HeartbeatHost(string(kv.Key))
		hb, badValue := model.DecodeHeartbeat(kv.Value)
		if badName == nil && badValue == nil && hb.Status == model.StatusAlive {
			l[host] = lifeOf(hb, kv)
		}
	}
	return l
}

// candidate notes an aggregator's key, and who is the first in line by it.
func (w *witness) candidate(c etcd.Change, at time.Time) {
	first := w.first()
	w.candidates = slices.DeleteFunc(w.candidates, func(k candidate) bool {
		if k.key != c.Key || c.KV != nil && c.KV.CreateRevision == k.token {
			return false
		}
		w.gone[k.token] = at
		return true
	})
	if c.KV != nil {
		k := candidate{key: c.Key, token: c.KV.CreateRevision}
		if a, err := model.DecodeAggregator(c.KV.Value); err == nil {
			k.Aggregator = *a
		}
		i, there := slices.BinarySearchFunc(w.candidates, k.token, func(k candidate, token int64) int {
			return int(k.token - token)
		})
		if there {
			w.candidates[i] = k
		} else {
			w.candidates = slices.Insert(w.candidates, i, k)
		}
	}
	if now := w.first(); now.token != first.token {
		w.leads = append(w.leads, lead{now, at})
	}
}

// first is the first in line, who leads.
func (w *witness) first() candidate {
	if len(w.candidates) == 0 {
		return candidate{}
	}
	return w.candidates[0]
}

func (w *witness) summary(c etcd.Change, at time.Time) {
	if c.KV == nil {
		return
	}
	if s, err := model.DecodeSummary(c.KV.Value); err == nil {
		w.summaries = append(w.summaries, stamped{signed{s.Token, c.Revision}, s.Term, at})
	}
}

func (w *witness) event(c etcd.Change) {
	seq, err := keys.EventSeq(c.Key)
	if err != nil || c.KV == nil { // of no event, or trimmed
		return
	}
	e, err := model.DecodeEvent(c.KV.Value)
	if err == nil && e.Seq != seq {
		e = nil
	}
	w.events = append(w.events, eventPut{seq: seq, again: c.KV.Version > 1, event: e})
}
