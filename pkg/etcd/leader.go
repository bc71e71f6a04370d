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

// lookAgain is when a leader that was not found is looked for again: the connection to it
// may not have stood yet.
const lookAgain = 5 * time.Second

// leader is where raft's leader was last found.
type leader struct {
	term atomic.Uint64 // the newest that a member told of

	mu    sync.Mutex
	asOf  uint64    // the term
	at    string    // the balancer's address of it; empty where no connection leads to it
	again time.Time // when to look once more where at is empty
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

// memberStatus is what a member tells of itself, and where that is.
type memberStatus struct {
	*pb.StatusResponse
	at string // the balancer's address
}

// leads reports whether the member takes itself for raft's leader.
func (s memberStatus) leads() bool { return s.Leader != 0 && s.Leader == s.GetHeader().GetMemberId() }

// status asks the member that ctx aims at for its status.
func (c *Client) status(ctx context.Context, aim *aim) (memberStatus, error) {
	status, err := pb.NewMaintenanceClient(c.ActiveConnection()).Status(ctx, &pb.StatusRequest{})
	return memberStatus{status, aim.address()}, err
}

// findLeader returns the address of raft's leader, empty where it is not known, and the term
// in which it leads. It asks the
// members once a term, and now and then where that did not tell; it does not wait for
// another call that does.
func (c *Client) findLeader(ctx context.Context) (at string, term uint64) {
	l := &c.leader
	if !l.mu.TryLock() {
		return "", 0
	}
	defer l.mu.Unlock()
	if l.asOf >= l.term.Load() && (l.at != "" || time.Now().Before(l.again)) {
		return l.at, l.asOf
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	// All at once: one of them may hang.
	type told struct {
		memberStatus
		err error
	}
	var asked visited
	answers := make(chan told, len(c.Endpoints()))
	for range cap(answers) {
		ctx, aim := asked.aimElsewhere(ctx)
		go func() {
			status, err := c.status(ctx, aim)
			answers <- told{status, err}
		}()
	}
	for range cap(answers) {
		switch status := <-answers; {
		case Classify(status.err) == ClassDenied:
			l.found(l.term.Load(), "")
			return "", 0
		case status.err != nil || status.Leader == 0 || status.RaftTerm < l.term.Load():
			continue
		case status.leads():
			l.found(status.RaftTerm, status.at)
			return l.at, l.asOf
		default:
			l.found(status.RaftTerm, "")
		}
	}
	return l.at, l.asOf
}

func (l *leader) found(term uint64, at string) {
	l.seen(term)
	l.asOf, l.at, l.again = term, at, time.Now().Add(lookAgain)
}
