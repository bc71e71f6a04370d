package etcd

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// busyLeader is what a client's leases know of the leader that owes them renewals. They
// share what it answers: what makes one of them wait makes all.
type busyLeader struct {
	questions singleflight.Group // by address

	mu   sync.Mutex // one question at a time
	told atomic.Pointer[busy]
}

// busy is a member that told that it leads, by saying so or by a renewal that it answered,
// as it was at a time and in a term of raft's.
type busy struct {
	at   string
	asOf time.Time
	term uint64
}

// renews takes note of a renewal that the leader at an address answered in a term.
func (b *busyLeader) renews(at string, term uint64) {
	b.told.Store(&busy{at: at, asOf: time.Now(), term: term})
}

// leads returns what the member at an address told less than a while ago.
func (b *busyLeader) leads(at string, ago time.Duration) (leadership, bool) {
	if told := b.told.Load(); told != nil && told.at == at && time.Since(told.asOf) < ago {
		return leadership{true, told.term}, true
	}
	return leadership{}, false
}

// leadership is what a member tells of its own.
type leadership struct {
	leads bool
	term  uint64 // of raft's; 0 where it is not known
}

// isBusy asks the member at an address, which owes a renewal, whether it leads. One that
// does not answer promptly does not, nor one whose term another member knows to be over: a
// leader whose disk hangs goes on saying that it leads. One that answers renewals of other
// leases need not be asked: in a process that hardly runs answers are late, and not the leader.
func (c *Client) isBusy(ctx context.Context, at string, promptly time.Duration) leadership {
	if told, known := c.busyLeader.leads(at, promptly); known {
		return told
	}
	question := c.busyLeader.questions.DoChan(at, func() (any, error) { //nolint:contextcheck // others wait for it as well
		return c.askBusy(at, promptly), nil
	})
	select {
	case result := <-question:
		told, _ := result.Val.(leadership)
		return told
	case <-ctx.Done():
		return leadership{}
	}
}

func (c *Client) askBusy(at string, promptly time.Duration) leadership {
	b := &c.busyLeader
	b.mu.Lock()
	defer b.mu.Unlock()
	if told, known := b.leads(at, promptly); known {
		return told
	}
	ctx, cancel := context.WithTimeout(c.Ctx(), promptly)
	defer cancel()
	elsewhere := c.termElsewhere(ctx, at)
	began := time.Now()
	there, err := c.status(new(visited).aimAt(ctx, at))
	switch {
	case time.Since(began) > promptly+stoodStill:
		return leadership{leads: true} // for all that is known: the answer may wait to be read
	case outOfTime(err):
		c.unansweredBy(at)
		return leadership{}
	case err != nil || there.at != at || !there.leads() || <-elsewhere > there.RaftTerm:
		return leadership{}
	}
	b.told.Store(&busy{at: at, asOf: began, term: there.RaftTerm})
	return leadership{true, there.RaftTerm}
}

// termElsewhere asks another member than that at an address for raft's term; 0 where none
// tells while ctx lasts.
func (c *Client) termElsewhere(ctx context.Context, at string) <-chan uint64 {
	term := make(chan uint64, 1)
	if len(c.Endpoints()) == 1 {
		close(term)
		return term
	}
	go func() {
		other, _ := c.status(visitedOnly(at).aimElsewhere(ctx))
		term <- other.GetHeader().GetRaftTerm()
	}()
	return term
}
