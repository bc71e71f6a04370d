package etcd

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
)

// lookTimeout bounds the search of raft's leader: a lease is not to end meanwhile.
const lookTimeout = 500 * time.Millisecond

// leader is where raft's leader was last found.
type leader struct {
	term atomic.Uint64 // the newest that a member told of

	mu    sync.Mutex
	asked bool
	asOf  uint64 // the term
	at    string // the balancer's address of it; empty where no connection leads to it
}

// seen takes note of a term that a member told of.
func (l *leader) seen(term uint64) {
	for {
		known := l.term.Load()
		if term <= known || l.term.CompareAndSwap(known, term) {
			return
		}
	}
}

// findLeader returns the address of raft's leader, empty where it is not known. It asks the
// members once a term, and does not wait for another call that does.
func (c *Client) findLeader(ctx context.Context) string {
	l := &c.leader
	if !l.mu.TryLock() {
		return ""
	}
	defer l.mu.Unlock()
	if l.asked && l.asOf >= l.term.Load() {
		return l.at
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var asked visited
	members := pb.NewMaintenanceClient(c.ActiveConnection())
	for range c.Endpoints() {
		status, err := members.Status(asked.aimElsewhere(ctx), &pb.StatusRequest{})
		if Classify(err) == ClassDenied {
			l.asked, l.asOf, l.at = true, l.term.Load(), ""
			break
		}
		if err != nil || status.Leader == 0 {
			continue
		}
		l.seen(status.RaftTerm)
		l.asked, l.asOf, l.at = true, status.RaftTerm, ""
		if status.Leader == status.Header.MemberId {
			l.at = asked.last()
			break
		}
	}
	return l.at
}
