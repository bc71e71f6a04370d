package drill

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const patient = 20 * time.Second

// stage is a cluster of a test, whose members a drill can end.
type stage struct {
	*testcluster.Cluster
	t *testing.T

	mu    sync.Mutex
	ended []string
	// before is called before a process is ended; optional.
	before func(name string)
}

func newStage(t *testing.T, n int) *stage {
	t.Helper()
	return &stage{Cluster: testcluster.Start(t, n), t: t}
}

func (s *stage) member(name string) *testcluster.Member {
	for _, m := range s.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

func (*stage) Prepare(context.Context, model.DrillTarget, string, model.DrillMethod) (string, error) {
	return "", nil
}

func (*stage) Delay(context.Context, model.DrillTarget, string) string { return "" }

func (s *stage) End(_ context.Context, name string, _ model.DrillMethod) (time.Time, error) {
	if s.before != nil {
		s.before(name)
	}
	m := s.member(name)
	if m == nil {
		return time.Time{}, fmt.Errorf("no member %q", name)
	}
	s.mu.Lock()
	s.ended = append(s.ended, name)
	s.mu.Unlock()
	sent := time.Now()
	m.Stop() //nolint:contextcheck // a member ends with the test
	return sent, nil
}

func (s *stage) Restore(_ context.Context, name string) error {
	s.member(name).Start()
	return nil
}

// source is the way to look at the cluster.
func (s *stage) source() *status.Source {
	s.t.Helper()
	src := &status.Source{Name: "test", Etcd: etcd.Config{Endpoints: s.Endpoints()}, Pool: s.Pool(), Now: time.Now}
	for _, m := range s.Members {
		src.Members = append(src.Members, members.Known{Name: m.Name, Endpoint: m.Endpoint()})
	}
	return src
}

// config is that of a drill which notes its news.
func (s *stage) config() (Config, func() []News) {
	s.t.Helper()
	var mu sync.Mutex
	var told []News
	cfg := Config{Source: s.source(), Cluster: s, Timeout: patient, Tell: func(n News) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, n)
	}}
	return cfg, func() []News {
		mu.Lock()
		defer mu.Unlock()
		return told
	}
}

// agents report some nodes, often, until the test ends.
func (s *stage) agents(n int) {
	s.t.Helper()
	if _, err := s.Client().Put(s.t.Context(), keys.ConfigDefault(), `{"interval": 0.5, "ttl": 2}`); err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(s.t.Context())
	var reporting sync.WaitGroup
	s.t.Cleanup(func() { stop(); reporting.Wait() })
	for i := range n {
		client, err := etcd.New(agent.Client(etcd.Config{Endpoints: s.Endpoints()}))
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(client.Close)
		id := agent.Identity{Host: fmt.Sprintf("node-%d", i+1), Owner: "test", Boot: fmt.Sprintf("boot-%d", i+1)}
		reporting.Go(func() { _ = agent.New(id, client, still{}, slog.New(slog.DiscardHandler)).Run(ctx) })
	}
	s.awaitHeartbeats(n)
}

func (s *stage) awaitHeartbeats(n int) {
	s.t.Helper()
	cli := s.Client()
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		w, err := newWitness(s.t.Context(), cli, "test")
		if err == nil && len(w.before) == n {
			return
		}
	}
	s.t.Fatalf("%d agents do not report", n)
}

// still measures nothing.
type still struct{}

func (still) Sample(context.Context, []string) sensor.Reading { return sensor.Reading{} }

// keysLeft counts the keys that drills have left behind.
func (s *stage) keysLeft() int64 {
	s.t.Helper()
	resp, err := s.Client().Get(s.t.Context(), keys.DrillPrefix, withPrefix...)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Count
}
