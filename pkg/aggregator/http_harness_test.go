package aggregator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// seen is a live view of a cluster, as a replica has one.
type seen struct {
	*status.Live
	leader model.AggregatorLeader
}

// seeing runs a view of c until the test ends.
func seeing(t testing.TB, c *testcluster.Cluster, hosts ...string) *seen {
	t.Helper()
	live := status.NewLive(&status.Source{
		Name: "test", Etcd: etcd.Config{Endpoints: c.Endpoints()}, Pool: c.Pool(), Hosts: hosts, Now: time.Now,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := live.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the view ended with %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	v := &seen{Live: live, leader: model.AggregatorLeader{State: model.LeaderNone}}
	v.until(t, "a first look", live.Ready)
	return v
}

func (v *seen) until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(patience)
	for !ok() {
		select {
		case <-v.Changed():
		case <-timeout:
			t.Fatalf("never: %s", what)
		}
	}
}

func (v *seen) Aggregator() model.AggregatorLeader { return v.leader }

// onlooker is the HTTP side of one.
type onlooker struct {
	http.Handler
	metrics *Metrics
	view    source
}

const instance = "i1"

// serving makes the server of a view, with these events.
func serving(t testing.TB, v source, events ...model.Event) *onlooker {
	t.Helper()
	m := newMetrics("v1.2.3")
	m.show(v, instance)
	a := &api{view: v, events: func(context.Context) ([]model.Event, error) { return events, nil }}
	return &onlooker{newServer(a, m, http.NotFoundHandler(), slog.New(slog.DiscardHandler)), m, v}
}

// get asks for a page, and returns status and body.
func (r *onlooker) get(t testing.TB, path string) (int, []byte) {
	t.Helper()
	return r.do(t, http.MethodGet, path, nil)
}

func (r *onlooker) do(t testing.TB, method, path string, header http.Header) (int, []byte) {
	t.Helper()
	req := httptest.NewRequest(method, path, http.NoBody)
	maps.Copy(req.Header, header)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, body
}

// beat is a heartbeat of one of our agents, as of now.
func beat(t testing.TB) string {
	t.Helper()
	metrics := make(map[string]float64)
	for i, m := range model.Metrics()[:6] {
		metrics[m.Name] = 12.5 * float64(i+1)
	}
	data, err := json.Marshal(model.Heartbeat{
		Status: model.StatusAlive, TS: float64(time.Now().UnixMilli()) / 1000, Owner: "4c4c4544-0042-3510-8056-b3c04f4d4e32",
		Boot: "b1", Seq: 42, Interval: 600, Silence: 1500, TTL: 600, ConfigRev: 1, Version: "v1.2.3", Metrics: metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fleet puts the heartbeats of n nodes, a thousand at a time.
func fleet(t testing.TB, c *testcluster.Cluster, n int) {
	t.Helper()
	cli := c.Client()
	var ops []clientv3.Op
	for i := range n {
		ops = append(ops, clientv3.OpPut(keys.Heartbeat(nodeName(i)), beat(t)))
		if len(ops) == 1000 || i == n-1 {
			if _, err := cli.Txn(t.Context()).Then(ops...).Commit(); err != nil {
				t.Fatal(err)
			}
			ops = ops[:0]
		}
	}
}

func nodeName(i int) string { return fmt.Sprintf("node-%05d.example.com", i) }

// still is a view in which nothing moves.
type still struct {
	status     model.Status
	aggregator model.AggregatorLeader
	blind      bool // it has not been filled
	lost       error
}

// fixed is a view of one node that lives and one member that leads.
func fixed() *still {
	return &still{
		status: model.Status{
			TypeMeta: model.NewTypeMeta(model.KindStatus, "test", time.Now()),
			Verdict:  model.Healthy,
			Leader:   model.LeaderInfo{Name: "etcd-1", ID: "a1", Term: 2},
			Members:  []model.Member{{Name: "etcd-1", ID: "a1", Role: model.RoleLeader, State: model.MemberUp}},
			Nodes:    []model.Node{{Name: "node-1", State: model.NodeAlive}},
		},
		aggregator: model.AggregatorLeader{State: model.LeaderNone},
	}
}

func (s *still) Status() *model.Status {
	st := s.status
	st.Counts, st.Quorum = model.CountNodes(st.Nodes), model.QuorumOf(st.Members)
	return &st
}

func (s *still) Nodes() *model.NodeList { return s.ListOf(slices.Clone(s.status.Nodes)) }

func (s *still) Node(name string) (model.Node, bool) {
	i := slices.IndexFunc(s.status.Nodes, func(n model.Node) bool { return n.Name == name })
	if i < 0 {
		return model.Node{}, false
	}
	return s.status.Nodes[i], true
}

func (s *still) ListOf(nodes []model.Node) *model.NodeList {
	return &model.NodeList{TypeMeta: s.status.TypeMeta, Counts: model.CountNodes(nodes), Items: nodes}
}

func (s *still) Members() *model.MemberList {
	return &model.MemberList{TypeMeta: s.status.TypeMeta, Items: s.status.Members}
}

func (s *still) Ready() bool                        { return !s.blind }
func (s *still) Lost() error                        { return s.lost }
func (s *still) Aggregator() model.AggregatorLeader { return s.aggregator }
