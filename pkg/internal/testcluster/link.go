package testcluster

import (
	"testing"

	"go.etcd.io/etcd/pkg/v3/proxy"
	"go.uber.org/zap"
)

// Link is one client's own way to the members: it can be cut without another
// client noticing.
type Link struct {
	proxies []proxy.Server
	fronts  []string
}

// Link opens a way to every member, until the test ends.
func (c *Cluster) Link(t testing.TB) *Link {
	t.Helper()
	l := new(Link)
	for _, m := range c.Members {
		front := freeURL(t)
		p := proxy.NewServer(proxy.ServerConfig{Logger: zap.NewNop(), From: front, To: m.front})
		select {
		case <-p.Ready():
		case err := <-p.Error():
			t.Fatalf("open a link to %s: %v", m.Name, err)
		}
		t.Cleanup(func() { _ = p.Close() })
		l.proxies = append(l.proxies, p)
		l.fronts = append(l.fronts, front.String())
	}
	return l
}

// Endpoints are the members' client URLs by way of the link.
func (l *Link) Endpoints() []string { return l.fronts }

// Cut holds back what client and members send each other; see Member.Cut.
func (l *Link) Cut() {
	for _, p := range l.proxies {
		p.PauseTx()
		p.PauseRx()
	}
}

// Mute holds back what the members answer.
func (l *Link) Mute() {
	for _, p := range l.proxies {
		p.PauseRx()
	}
}

// Mend ends a Cut or a Mute.
func (l *Link) Mend() {
	for _, p := range l.proxies {
		p.UnpauseTx()
		p.UnpauseRx()
	}
}
