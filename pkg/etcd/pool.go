package etcd

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// hedgeDelay is how long a read waits for one member before it asks the next
// one too: well above a healthy answer, well below what a person notices.
const hedgeDelay = 150 * time.Millisecond

// readTimeout bounds a read: long enough for an election in the middle of it.
const readTimeout = 5 * time.Second

// Pool has one client per endpoint, for callers that look once and must not be
// held up by a member that hangs: a command rather than a daemon.
type Pool struct {
	clients []*Client
	// preferred is the index of the client that answered last.
	preferred atomic.Int64
}

// NewPool makes a pool over cfg's endpoints. It does not connect.
func NewPool(cfg Config) (*Pool, error) {
	p := new(Pool)
	for _, ep := range cfg.Endpoints {
		one := cfg
		one.Endpoints = []string{ep}
		one.FailFast = true
		c, err := New(one)
		if err != nil {
			p.Close()
			return nil, err
		}
		p.clients = append(p.clients, c)
	}
	return p, nil
}

// Clients returns one client per endpoint, in the endpoints' order.
func (p *Pool) Clients() []*Client { return p.clients }

// Endpoint is the one endpoint of a pool's client.
func (c *Client) Endpoint() string { return c.Endpoints()[0] }

// Preferred is the client that answered last: the one to send a write to.
func (p *Pool) Preferred() *Client { return p.after(0) }

// Close ends all connections.
func (p *Pool) Close() {
	for _, c := range p.clients {
		c.Close()
	}
}

// Read makes a call that may be repeated, first at the preferred member; when
// that fails, or says nothing for a while, at the next one too. The first answer
// wins, within 5 s. If all fail the error is an *UnreachableError, unless the server plainly
// refused the call: then it is that refusal.
func Read[T any](ctx context.Context, p *Pool, call func(context.Context, *Client) (T, error)) (T, error) {
	type answer struct {
		index int
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	answers := make(chan answer, len(p.clients))
	first := int(p.preferred.Load())
	started := 0
	start := func() {
		i := (first + started) % len(p.clients)
		started++
		go func() {
			v, err := call(ctx, p.clients[i])
			answers <- answer{i, v, err}
		}()
	}
	start()
	hedge := time.NewTicker(hedgeDelay)
	defer hedge.Stop()

	var none T
	failed := make([]EndpointError, 0, len(p.clients))
	for {
		select {
		case <-hedge.C:
			if started < len(p.clients) {
				start()
			}
		case a := <-answers:
			if a.err == nil {
				p.preferred.Store(int64(a.index))
				return a.value, nil
			}
			if c := Classify(a.err); c == ClassDenied || c == ClassRefused {
				return none, a.err
			}
			failed = append(failed, EndpointError{p.clients[a.index].Endpoint(), a.err})
			if started < len(p.clients) {
				start()
			} else if len(failed) == started {
				e := &UnreachableError{Failures: failed}
				e.undecided = !e.NoQuorum() && p.anyAnswers(ctx, failed)
				return none, e
			}
		}
	}
}

// answerTimeout is how long a member may take to answer for itself alone.
const answerTimeout = 300 * time.Millisecond

// anyAnswers reports whether a member that has let a call time out answers when
// it need not ask the others: then it is them who are missing.
func (p *Pool) anyAnswers(ctx context.Context, failed []EndpointError) bool {
	if errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	answers := make(chan bool, len(p.clients))
	asked := 0
	for _, c := range p.clients {
		timedOut := func(f EndpointError) bool {
			return f.Endpoint == c.Endpoint() && !neverSent(f.Err)
		}
		if !slices.ContainsFunc(failed, timedOut) {
			continue
		}
		asked++
		go func() {
			_, err := c.Get(ctx, "\x00", clientv3.WithSerializable(), clientv3.WithCountOnly())
			answers <- err == nil || Classify(err) == ClassDenied
		}()
	}
	for range asked {
		if <-answers {
			return true
		}
	}
	return false
}

// after is the n-th client after the preferred one, which is the 0th, round and
// round.
func (p *Pool) after(n int) *Client {
	return p.clients[(int(p.preferred.Load())+n)%len(p.clients)]
}
