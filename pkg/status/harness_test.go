package status_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

// patient is how long a test waits for what must come.
const patient = 20 * time.Second

// sourceOf is a source over a cluster whose target names the members and hosts.
func sourceOf(c *testcluster.Cluster, hosts ...string) *status.Source {
	s := &status.Source{
		Name: "test", Etcd: etcd.Config{Endpoints: c.Endpoints()}, Pool: c.Pool(), Hosts: hosts, Now: time.Now,
	}
	for _, m := range c.Members {
		s.Members = append(s.Members, members.Known{Name: m.Name, Endpoint: m.Endpoint()})
	}
	return s
}

// beat is a heartbeat of one of our agents, as of now.
func beat(t testing.TB) string {
	t.Helper()
	hb := model.Heartbeat{
		Status: model.StatusAlive, TS: float64(time.Now().UnixMilli()) / 1000, Interval: 600, Silence: 1500, TTL: 600,
		Version: "test", Metrics: map[string]float64{model.MetricCPU: 12.5},
	}
	data, err := json.Marshal(hb)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// put writes values by their keys, a hundred at a time.
func put(t testing.TB, c *etcd.Client, values map[string]string, opts ...clientv3.OpOption) {
	t.Helper()
	var ops []clientv3.Op
	commit := func() {
		if _, err := c.Txn(t.Context()).Then(ops...).Commit(); err != nil {
			t.Fatal(err)
		}
		ops = ops[:0]
	}
	size := 0
	for key, value := range values {
		if size += len(value); len(ops) > 0 && (len(ops) == 100 || size > 1<<20) {
			commit()
			size = len(value)
		}
		ops = append(ops, clientv3.OpPut(key, value, opts...))
	}
	commit()
}

// fleet is the heartbeats of n nodes.
func fleet(t testing.TB, n int) map[string]string {
	t.Helper()
	values := make(map[string]string, n)
	for i := range n {
		values[keys.Heartbeat(nodeName(i))] = beat(t)
	}
	return values
}

func nodeName(i int) string { return fmt.Sprintf("node-%04d", i+1) }

// stateLines is rows as NAME STATE, with the last known state of those Unknown.
func stateLines(nodes []model.Node) []string {
	lines := []string{}
	for _, n := range nodes {
		line := n.Name + " " + string(n.State)
		if n.LastState != "" {
			line += " was " + string(n.LastState)
		}
		lines = append(lines, line)
	}
	return lines
}

func memberLines(rows []model.Member) []string {
	lines := []string{}
	for _, m := range rows {
		lines = append(lines, strings.TrimSpace(m.Name+" "+string(m.State)+" "+m.Reason))
	}
	return lines
}
