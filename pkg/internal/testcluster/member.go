package testcluster

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.etcd.io/etcd/pkg/v3/proxy"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
	"golang.org/x/time/rate"
	"google.golang.org/grpc"
)

// Member is one member. Clients reach it through a proxy, members each other
// without one.
type Member struct {
	t     testing.TB
	Name  string
	cfg   *embed.Config
	etcd  *embed.Etcd // nil while it is stopped
	proxy proxy.Server
	front url.URL // the proxy's address

	unthrottle context.CancelFunc // nil while it is not throttled

	rpc     chan *grpc.Server // the one that serves its clients
	closing sync.WaitGroup    // of what has been stopped
}

// Endpoint is the member's client URL.
func (m *Member) Endpoint() string { return m.front.String() }

// Cut holds back what clients and the member send each other, as a paused
// member or a pulled cable would: connections stay open and say nothing.
func (m *Member) Cut() {
	m.proxy.PauseTx()
	m.proxy.PauseRx()
}

// Mute holds back what the member answers; what clients send still reaches it.
func (m *Member) Mute() { m.proxy.PauseRx() }

// throttleBurst is more than the proxy passes on at a time.
const throttleBurst = 64 << 10

// Throttle lets so many bytes a second of all that clients send pass, as a member
// does that cannot keep up: what is over waits.
func (m *Member) Throttle(bytesPerSecond int) {
	pass := rate.NewLimiter(rate.Limit(bytesPerSecond), throttleBurst)
	pass.AllowN(time.Now(), throttleBurst) // from the first byte
	ctx, cancel := context.WithCancel(m.t.Context())
	m.unthrottle = cancel
	m.proxy.ModifyTx(func(data []byte) []byte {
		_ = pass.WaitN(ctx, len(data)) // once it is mended all pass
		return data
	})
}

// Mend ends a Cut, a Mute or a Throttle.
func (m *Member) Mend() {
	if m.unthrottle != nil {
		m.unthrottle()
		m.unthrottle = nil
		m.proxy.UnmodifyTx()
	}
	m.proxy.UnpauseTx()
	m.proxy.UnpauseRx()
}

// Stop ends the member at once, without handing leadership over: its clients'
// connections end, and its address refuses new ones.
func (m *Member) Stop() {
	if m.etcd == nil {
		return
	}
	m.closing.Go(func() { _ = m.proxy.Close() })
	m.awaitRefusal()
	select {
	case s := <-m.rpc:
		s.Stop()
	default: // it never came to serve clients
	}
	m.etcd.Server.HardStop()
	// Nothing of it can be seen any more: its peers' connections alone take a
	// second to close.
	m.closing.Go(m.etcd.Close)
	m.etcd = nil
}

// awaitRefusal waits until the proxy takes no connections. One that it took now
// would lead nowhere, and say nothing.
func (m *Member) awaitRefusal() {
	var d net.Dialer
	for {
		c, err := d.DialContext(m.t.Context(), "tcp", m.front.Host)
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// Start starts a stopped member again, on its data.
func (m *Member) Start() {
	m.t.Helper()
	m.start()
	m.waitReady()
}

func (m *Member) start() {
	m.t.Helper()
	m.closing.Wait()
	m.proxy = proxy.NewServer(proxy.ServerConfig{
		Logger: zap.NewNop(), From: m.front, To: m.cfg.ListenClientUrls[0],
	})
	select {
	case <-m.proxy.Ready():
	case err := <-m.proxy.Error():
		m.t.Fatalf("start the proxy of %s: %v", m.Name, err)
	}
	cfg := *m.cfg
	rpc := make(chan *grpc.Server, 1) // one client URL without TLS makes one server
	cfg.ServiceRegister = func(s *grpc.Server) { rpc <- s }
	m.rpc = rpc
	e, err := embed.StartEtcd(&cfg)
	if err != nil {
		m.t.Fatalf("start %s: %v", m.Name, err)
	}
	m.etcd = e
}

func (m *Member) waitReady() {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 20*time.Second)
	defer cancel()
	select {
	case <-m.etcd.Server.ReadyNotify():
	case <-ctx.Done():
		m.t.Fatalf("%s is not ready after 20 s", m.Name)
	}
}
