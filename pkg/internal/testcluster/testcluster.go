// Package testcluster runs real etcd members inside a test, which can be
// stopped, started again and cut off from their clients.
package testcluster

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
	dir     string
	options []Option
	Members []*Member
}

// Option changes how members are configured.
type Option func(*embed.Config)

// Quota limits the size of the database in bytes.
func Quota(bytes int64) Option {
	return func(cfg *embed.Config) { cfg.QuotaBackendBytes = bytes }
}

// roomyTxn takes a push of 500 hosts, at up to 3 operations each.
const roomyTxn = 2048

// MaxTxnOps limits the operations of one txn; etcd's own default is 128, that of
// a test 2048.
func MaxTxnOps(n uint) Option {
	return func(cfg *embed.Config) { cfg.MaxTxnOps = n }
}

// Start runs a cluster of n members until the test ends.
func Start(t testing.TB, n int, options ...Option) *Cluster {
	t.Helper()
	c := &Cluster{t: t, dir: t.TempDir(), options: options}
	for range n {
		c.newMember()
	}
	for _, m := range c.Members {
		m.cfg.InitialCluster = c.peers()
		m.start()
	}
	t.Cleanup(func() {
		for _, m := range c.Members {
			m.Stop()
		}
		for _, m := range c.Members {
			m.closing.Wait()
		}
	})
	for _, m := range c.Members {
		m.waitReady()
	}
	return c
}

// AddLearner starts one more member, which has no vote.
func (c *Cluster) AddLearner() *Member {
	c.t.Helper()
	m := c.newMember()
	if _, err := c.Client().MemberAddAsLearner(c.t.Context(), []string{m.cfg.AdvertisePeerUrls[0].String()}); err != nil {
		c.t.Fatal(err)
	}
	m.cfg.InitialCluster = c.peers()
	m.cfg.ClusterState = embed.ClusterStateFlagExisting
	c.awaitListed(len(c.Members))
	m.Start()
	return m
}

// awaitListed waits until every member that runs lists n members: a new one asks
// any of them, and does not start where it is not listed.
func (c *Cluster) awaitListed(n int) {
	c.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		behind := func(m *Member) bool { return m.etcd != nil && len(m.etcd.Server.Cluster().Members()) != n }
		if !slices.ContainsFunc(c.Members, behind) {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("some member does not list %d members", n)
		}
	}
}

// newMember configures the next member and starts nothing.
func (c *Cluster) newMember() *Member {
	c.t.Helper()
	m := &Member{t: c.t, Name: fmt.Sprintf("etcd-%d", len(c.Members)+1), front: freeURL(c.t)}
	peer, client := freeURL(c.t), freeURL(c.t)
	cfg := embed.NewConfig()
	cfg.Name = m.Name
	cfg.Dir = filepath.Join(c.dir, m.Name)
	cfg.TickMs = uint(tick.Milliseconds())
	cfg.ElectionMs = uint(election.Milliseconds())
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	cfg.UnsafeNoFsync = true
	cfg.StrictReconfigCheck = false // it lets no member in for the first 5 s
	cfg.MaxTxnOps = roomyTxn
	cfg.InitialClusterToken = c.dir
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{m.front}
	for _, option := range c.options {
		option(cfg)
	}
	m.cfg = cfg
	c.Members = append(c.Members, m)
	return m
}

// peers is etcd's --initial-cluster.
func (c *Cluster) peers() string {
	list := make([]string, len(c.Members))
	for i, m := range c.Members {
		list[i] = m.Name + "=" + m.cfg.AdvertisePeerUrls[0].String()
	}
	return strings.Join(list, ",")
}

// Restart starts the members that are stopped, all at once: alone, one of them
// might have no quorum to be ready with.
func (c *Cluster) Restart() {
	c.t.Helper()
	var stopped []*Member
	for _, m := range c.Members {
		if m.etcd == nil {
			m.start()
			stopped = append(stopped, m)
		}
	}
	for _, m := range stopped {
		m.waitReady()
	}
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

// Other is a member that m is not.
func (c *Cluster) Other(m *Member) *Member {
	if m == c.Members[0] {
		return c.Members[1]
	}
	return c.Members[0]
}

// Lead makes a member raft's leader.
func (c *Cluster) Lead(m *Member) {
	c.t.Helper()
	old := c.Leader()
	if old == m {
		return
	}
	if err := old.etcd.Server.MoveLeader(c.t.Context(), uint64(old.etcd.Server.MemberID()), uint64(m.etcd.Server.MemberID())); err != nil {
		c.t.Fatal(err)
	}
}
