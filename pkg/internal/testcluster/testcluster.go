// Package testcluster runs real etcd members inside a test, which can be
// stopped, started again and cut off from their clients.
package testcluster

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/pkg/v3/proxy"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// Raft's timing in tests: quick, and still safe under the race detector.
const (
	tick     = 50 * time.Millisecond
	election = 500 * time.Millisecond
)

// Cluster is an etcd cluster of one test.
type Cluster struct {
	t       testing.TB
	Members []*Member
}

// Member is one member. Clients reach it through a proxy, members each other
// without one.
type Member struct {
	t     testing.TB
	Name  string
	cfg   *embed.Config
	etcd  *embed.Etcd
	proxy proxy.Server
	front url.URL // the proxy's address
}

// Start runs a cluster of n members until the test ends.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	peers := make([]string, n)
	dir := t.TempDir()
	for i := range n {
		m := &Member{t: t, Name: fmt.Sprintf("etcd-%d", i+1), front: freeURL(t)}
		peer, client := freeURL(t), freeURL(t)
		cfg := embed.NewConfig()
		cfg.Name = m.Name
		cfg.Dir = filepath.Join(dir, m.Name)
		cfg.TickMs = uint(tick.Milliseconds())
		cfg.ElectionMs = uint(election.Milliseconds())
		cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
		cfg.UnsafeNoFsync = true
		cfg.InitialClusterToken = dir
		cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
		cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{m.front}
		peers[i] = m.Name + "=" + peer.String()
		m.cfg = cfg
		c.Members = append(c.Members, m)
	}
	for _, m := range c.Members {
		m.cfg.InitialCluster = strings.Join(peers, ",")
		m.proxy = proxy.NewServer(proxy.ServerConfig{
			Logger: zap.NewNop(), From: m.front, To: m.cfg.ListenClientUrls[0],
		})
		<-m.proxy.Ready()
	}
	for _, m := range c.Members {
		m.start()
	}
	t.Cleanup(func() {
		for _, m := range c.Members {
			m.Stop()
			_ = m.proxy.Close()
		}
	})
	for _, m := range c.Members {
		m.waitReady()
	}
	return c
}

// Endpoints are the client URLs of all members.
func (c *Cluster) Endpoints() []string {
	eps := make([]string, len(c.Members))
	for i, m := range c.Members {
		eps[i] = m.Endpoint()
	}
	return eps
}

// Client is a client of all members that is closed when the test ends.
func (c *Cluster) Client() *etcd.Client {
	c.t.Helper()
	cli, err := etcd.New(etcd.Config{Endpoints: c.Endpoints()})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(cli.Close)
	return cli
}

// Pool is a pool over all members that is closed when the test ends.
func (c *Cluster) Pool() *etcd.Pool {
	c.t.Helper()
	p, err := etcd.NewPool(etcd.Config{Endpoints: c.Endpoints()})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(p.Close)
	return p
}

// Leader is the member that leads raft now.
func (c *Cluster) Leader() *Member {
	c.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		for _, m := range c.Members {
			if m.etcd != nil && uint64(m.etcd.Server.Leader()) == uint64(m.etcd.Server.MemberID()) {
				return m
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Fatal("no member leads")
	return nil
}

// Endpoint is the member's client URL.
func (m *Member) Endpoint() string { return m.front.String() }

// Cut holds back what clients and the member send each other, as a paused
// member or a pulled cable would: connections stay open and say nothing.
func (m *Member) Cut() {
	m.proxy.PauseTx()
	m.proxy.PauseRx()
}

// Mend ends a Cut.
func (m *Member) Mend() {
	m.proxy.UnpauseTx()
	m.proxy.UnpauseRx()
}

// Stop ends the member at once, without handing leadership over.
func (m *Member) Stop() {
	if m.etcd == nil {
		return
	}
	m.etcd.Server.HardStop()
	m.etcd.Close()
	m.etcd = nil
}

// Start starts a stopped member again, on its data.
func (m *Member) Start() {
	m.t.Helper()
	m.start()
	m.waitReady()
}

func (m *Member) start() {
	m.t.Helper()
	cfg := *m.cfg
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

// freeURL picks a free loopback port. Two tests that run at once cannot get the
// same one soon: the kernel hands them out in turn.
func freeURL(t testing.TB) url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return url.URL{Scheme: "http", Host: l.Addr().String()}
}
