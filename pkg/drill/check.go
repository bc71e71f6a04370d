package drill

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

const (
	// expiry is how long after the end of a lease etcd may notice it.
	expiry = 1500 * time.Millisecond
	// eventTime is how long the leading aggregator may take to write events down.
	eventTime = 5 * time.Second
)

// checkNodes tells whether a node that lives was shown Dead. It first waits for
// those that would die of the last election only now.
func (d *drill) checkNodes(ctx context.Context) (model.DrillPromise, error) {
	if left := time.Until(d.shaken.Add(d.witness.longestTTL() + expiry)); left > 0 && len(d.witness.before) > 0 {
		d.Tell(Observing{Seconds: left.Seconds()})
		select {
		case <-ctx.Done():
			return model.DrillPromise{}, ctx.Err()
		case <-time.After(left):
		}
	}
	resp, err := etcd.Read(ctx, d.Source.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, keys.HeartbeatPrefix, clientv3.WithPrefix())
	})
	if err != nil {
		return model.DrillPromise{}, fmt.Errorf("list the nodes: %w", err)
	}
	before := d.witness.before
	return promise("nodes", "falsely shown Dead", len(before), falseDeaths(before, livesOf(resp.Kvs), d.onlooker.shownDead())), nil
}

// checkEvents tells whether the events written meanwhile are whole. Where no
// aggregator leads there are none.
func (d *drill) checkEvents(ctx context.Context) (model.DrillPromise, error) {
	deadline := time.Now().Add(eventTime)
	for {
		puts, dues := d.witness.eventsAndDues()
		faults := misrecorded(d.witness.seq, puts, dues)
		if len(faults) == 0 || time.Now().After(deadline) {
			return promise("events", "lost or doubled", max(len(puts), len(dues)), faults), nil
		}
		select {
		case <-ctx.Done():
			return model.DrillPromise{}, ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

// checkLeaders tells whether anything was accepted from a leader that led no more.
func (d *drill) checkLeaders(context.Context) (model.DrillPromise, error) {
	writes := d.witness.signed()
	faults := append(slices.Clone(d.accepted), usurped(writes)...)
	if d.tried == 0 {
		return model.DrillPromise{}, nil // no aggregator was ended
	}
	return promise("writes of leaders", "accepted from an old leader", len(writes)+d.tried, faults), nil
}

// eventsAndDues returns what was written, and what must have been: an event for
// each node that came or went, and for each leader that took office.
func (w *witness) eventsAndDues() ([]eventPut, []due) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.summaries) == 0 {
		return w.events, nil
	}
	dues := slices.Clone(w.dues)
	known := int64(0)
	if w.reduced {
		known = w.summaries[0].token
	}
	for _, s := range w.summaries {
		if s.token > known {
			known = s.token
			dues = append(dues, due{fmt.Sprintf("the leader of term %d", s.term), []model.EventType{model.EventLeader}, s.token})
		}
	}
	return w.events, dues
}

func (w *witness) signed() []signed {
	w.mu.Lock()
	defer w.mu.Unlock()
	writes := make([]signed, len(w.summaries))
	for i, s := range w.summaries {
		writes[i] = s.signed
	}
	return writes
}

// longestTTL is the longest that a node's lease lives on without its agent.
func (w *witness) longestTTL() (longest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.pulses {
		longest = max(longest, p.ttl)
	}
	return longest
}
