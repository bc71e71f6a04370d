package drill

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

const (
	// probeInterval is the time between two writes, and between two reads: what
	// the gaps are measured by. Each goes through the next member.
	probeInterval = 10 * time.Millisecond
	// probeTimeout is how long a call may take. A member that has lost its leader
	// and not noticed would keep a write for 7 s (etcd's request timeout) and then
	// drop it.
	probeTimeout = time.Second
)

// ack is an acknowledged write.
type ack struct {
	record
	at      time.Time
	term    uint64 // raft's, at the member that answered
	through string // that member's name
}

// failure is a call that failed.
type failure struct {
	at     time.Time
	member string
	err    error
}

// probe writes and reads through every member. Each write puts a key of its own,
// and only where it is not there, so that one whose outcome is unknown can be
// settled for good: whoever puts the key first decides.
type probe struct {
	id      string
	clients []*etcd.Client
	names   map[string]string // of the members, by endpoint
	lease   clientv3.LeaseID
	from    int // how much the watch had told of earlier probes

	mu       sync.Mutex
	number   int64 // of the last write
	acks     []ack // in the order of the answers
	unknown  []record
	newest   record // the acknowledged write of the highest revision
	failures []failure
	reads    int
	stale    []string
}

// run writes and reads until it is told to stop, and waits for the last answers;
// not so when ctx ends.
func (p *probe) run(ctx context.Context, stop <-chan struct{}) {
	var calls sync.WaitGroup
	defer calls.Wait()
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-tick.C:
		}
		calls.Go(func() { p.write(ctx, p.clients[i%len(p.clients)]) })
		calls.Go(func() { p.read(ctx, p.clients[(i+1)%len(p.clients)]) })
	}
}

// write makes the next write through one member.
func (p *probe) write(ctx context.Context, through *etcd.Client) {
	p.mu.Lock()
	p.number++
	w := record{key: keys.DrillWrite(p.id, p.number), value: fmt.Sprintf("%s/%d", p.id, p.number)}
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	resp, err := p.putOnce(ctx, through, w)
	now := time.Now()

	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil && resp.Succeeded:
		w.revision = resp.Header.Revision
		p.acks = append(p.acks, ack{w, now, resp.Header.RaftTerm, p.names[through.Endpoint()]})
		if w.revision > p.newest.revision {
			p.newest = w
		}
	case err == nil || etcd.OutcomeUnknown(err):
		p.unknown = append(p.unknown, w)
	}
	p.failed(through, err, now)
}

// putOnce puts a key that is not there, or reads what is.
func (p *probe) putOnce(ctx context.Context, through *etcd.Client, w record) (*clientv3.TxnResponse, error) {
	return through.Txn(ctx).
		If(clientv3.Compare(clientv3.CreateRevision(w.key), "=", 0)).
		Then(clientv3.OpPut(w.key, w.value, clientv3.WithLease(p.lease))).
		Else(clientv3.OpGet(w.key)).
		Commit()
}

// read reads, through one member, the newest write that was acknowledged before.
func (p *probe) read(ctx context.Context, through *etcd.Client) {
	p.mu.Lock()
	want := p.newest
	p.mu.Unlock()
	if want.revision == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	resp, err := through.Get(ctx, want.key)
	now := time.Now()

	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed(through, err, now)
	if err != nil {
		return
	}
	p.reads++
	if len(resp.Kvs) == 0 || resp.Kvs[0].ModRevision != want.revision {
		p.stale = append(p.stale, fmt.Sprintf("a read through %s did not find %q, acknowledged before at revision %d",
			p.names[through.Endpoint()], want.key, want.revision))
	}
}

// failed notes a call that failed. p.mu is held.
func (p *probe) failed(through *etcd.Client, err error, at time.Time) {
	if err != nil {
		p.failures = append(p.failures, failure{at, p.names[through.Endpoint()], err})
	}
}

// acknowledged returns the writes acknowledged so far.
func (p *probe) acknowledged() []ack {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clip(p.acks)
}

// firstFailure is the first call that failed after a moment.
func (p *probe) firstFailure(after time.Time) (failure, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.failures {
		if f.at.After(after) {
			return f, true
		}
	}
	return failure{}, false
}
