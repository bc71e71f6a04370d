package etcd

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// passedByFor is how long a member that left a call unanswered is passed by at least: it may
// answer what costs it nothing, and yet no write. gRPC's pings take as long to end a
// connection on which nothing comes.
const passedByFor = keepAliveTime + keepAliveTimeout

// unanswered are the members that let calls of a client run out of their time. Its other
// calls pass them by, or one in three would be lost to a member that hangs.
type unanswered struct {
	mu    sync.Mutex
	addrs []string
}

// passBy aims a call that is not aimed yet at a member that answers, as far as is known,
// and takes note of one that does not.
func (c *Client) passBy(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if aimOf(ctx) != nil {
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	ctx, aim := (&visited{addrs: c.unanswered.now()}).aimElsewhere(ctx)
	err := invoke(ctx, method, req, reply, cc, opts...)
	if outOfTime(err) {
		c.unansweredBy(aim.address()) //nolint:contextcheck // it is passed by for longer than the call
	}
	return err
}

// unansweredBy lets calls pass by the member at an address until it tells its status, or its
// connection ends. That question is under way for so long because gRPC sends its pings
// only where something is.
func (c *Client) unansweredBy(addr string) {
	u := &c.unanswered
	if !u.add(addr) {
		return
	}
	go func() {
		least := time.After(passedByFor)
		_, _ = c.status(new(visited).aimAt(c.Ctx(), addr))
		select {
		case <-least:
		case <-c.Ctx().Done():
		}
		u.remove(addr)
	}()
}

func (u *unanswered) add(addr string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if addr == "" || slices.Contains(u.addrs, addr) {
		return false
	}
	u.addrs = append(u.addrs, addr)
	return true
}

func (u *unanswered) remove(addr string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.addrs = slices.DeleteFunc(u.addrs, func(a string) bool { return a == addr })
}

// now are the addresses of those members.
func (u *unanswered) now() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.addrs)
}

// AnotherAnswers reports whether a member left a call unanswered of late, and another one
// did not: that a call was not answered may be due to its member alone, and the next one
// goes to another.
func (c *Client) AnotherAnswers() bool {
	n := len(c.unanswered.now())
	return n > 0 && n < len(c.Endpoints())
}
