package election_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// BenchmarkHandover is the time from the end of a leader until the next candidate
// leads, on three members without disk syncs, with leases of 2 s. plain is
// concurrency.Election as its documentation shows it.
//
//   - resign: the leader stops in good order.
//   - expiry: the leader is cut off, and its lease ends.
//   - depose: the same, and its successor knows at once (plain has nothing like it).
func BenchmarkHandover(b *testing.B) {
	resign := func(_ *testing.B, leader, _ *contender) { go leader.resign() }
	expiry := func(_ *testing.B, leader, _ *contender) { leader.cable.pull() }
	depose := func(b *testing.B, leader, next *contender) {
		b.Helper()
		dead := line(b, next.client)[0]
		leader.cable.pull()
		if _, err := election.Depose(b.Context(), next.client, dead); err != nil {
			b.Error(err)
		}
	}
	b.Run("resign/guarded", func(b *testing.B) { handOver(b, guarded, resign) })
	b.Run("resign/plain", func(b *testing.B) { handOver(b, plain, resign) })
	b.Run("expiry/guarded", func(b *testing.B) { handOver(b, guarded, expiry) })
	b.Run("expiry/plain", func(b *testing.B) { handOver(b, plain, expiry) })
	b.Run("depose/guarded", func(b *testing.B) { handOver(b, guarded, depose) })
}

// contender is a candidate of a benchmark, on a network of its own.
type contender struct {
	cable  *cable
	client *etcd.Client
	led    chan struct{} // closed once it leads
	resign func()        // and wait; also when it does not lead
}

func handOver(b *testing.B, stand func(*testing.B, *contender), end func(b *testing.B, leader, next *contender)) {
	b.Helper()
	c := testcluster.Start(b, 3)
	client := c.Client()
	place := func(n int) *contender {
		one := &contender{cable: new(cable), led: make(chan struct{})}
		var err error
		one.client, err = etcd.New(etcd.Config{Endpoints: c.Endpoints(), Dial: one.cable.dial})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(one.client.Close)
		stand(b, one)
		awaitLine(b, client, n)
		return one
	}
	var took []time.Duration
	leader := place(1)
	await(b, "leader", leader.led)
	for b.Loop() {
		next := place(2)
		// etcd delivers to a watch that begins in the past every 100 ms at first: a
		// standby has waited longer than that.
		time.Sleep(150 * time.Millisecond)
		began := time.Now()
		end(b, leader, next)
		await(b, "next leader", next.led)
		took = append(took, time.Since(began))
		leader.resign()
		leader = next
	}
	leader.resign()
	slices.Sort(took)
	b.ReportMetric(0, "ns/op") // it would tell of the preparations too
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

func guarded(b *testing.B, c *contender) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() {
		var once sync.Once
		_ = election.New(config(c.client)).Run(ctx, func(ctx context.Context, _ *election.Term) error {
			once.Do(func() { close(c.led) })
			<-ctx.Done()
			return ctx.Err()
		})
	})
	c.resign = func() { cancel(); running.Wait() }
}

func plain(b *testing.B, c *contender) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	session, err := concurrency.NewSession(c.client.Client, concurrency.WithTTL(int(ttl/time.Second)), concurrency.WithContext(ctx))
	if err != nil {
		b.Fatal(err)
	}
	e := concurrency.NewElection(session, keys.Election(name))
	var running sync.WaitGroup
	running.Go(func() {
		if e.Campaign(ctx, "plain") == nil {
			close(c.led)
		}
	})
	c.resign = sync.OnceFunc(func() {
		defer cancel()
		running.Wait()
		if c.cable.pulled() {
			return // neither call would come back before its time
		}
		if err := e.Resign(ctx); err != nil {
			b.Error(err)
		}
		if err := session.Close(); err != nil {
			b.Error(err)
		}
	})
}

// cable is a network that can be pulled.
type cable struct {
	mu    sync.Mutex
	out   bool
	conns []net.Conn
}

var errPulled = errors.New("the cable is pulled")

func (c *cable) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out {
		_ = conn.Close()
		return nil, errPulled
	}
	c.conns = append(c.conns, conn)
	return conn, nil
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = true
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

func (c *cable) pulled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out
}
