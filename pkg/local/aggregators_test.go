//go:build !node && (linux || darwin)

package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// leader is the name under the first candidate's key; empty if there is none.
func leader(t *testing.T, c *Cluster) string {
	t.Helper()
	resp, err := client(t, c).Get(t.Context(), keys.Candidates(keys.AggregatorElection), clientv3.WithFirstCreate()...)
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Kvs) == 0 {
		return ""
	}
	a, err := model.DecodeAggregator(resp.Kvs[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return a.Name
}

// withAggregators is what to want of a cluster that has one member and an agent.
func withAggregators(n int) UpOptions {
	return UpOptions{Members: 1, Agents: 1, Aggregators: n, Tuning: Tuning{LeaderTTL: 2 * time.Second}}
}

// A cluster's aggregators go through a day of use.
func TestAggregatorsOfACluster(t *testing.T) {
	t.Parallel()
	c := newCluster(t)

	t.Run("UpWaitsUntilAllAreReadyAndElected", func(t *testing.T) {
		res := mustUpWith(t, c, withAggregators(2))
		wantNames(t, "started", res.Started, "etcd-1", "agent-1", "aggregator-1", "aggregator-2")
		d, err := c.Describe()
		if err != nil || len(d.Aggregators) != 2 {
			t.Fatalf("%+v, %v", d, err)
		}
		for _, a := range d.Aggregators {
			if status, err := httpStatus(t.Context(), "http://"+a.Address+"/readyz"); err != nil || status != http.StatusOK {
				t.Errorf("%s: %d, %v", a.Name, status, err)
			}
			if p := wantState(t, c, a.Name, model.ProcessRunning); p.Endpoint != "http://"+a.Address || p.Role != model.ProcessAggregator {
				t.Errorf("%+v", p)
			}
		}
		if leader(t, c) == "" {
			t.Error("none leads")
		}
	})
	t.Run("KillAndStart", func(t *testing.T) {
		mustKill(t, c, "aggregator-2", STOP)
		wantState(t, c, "aggregator-2", model.ProcessPaused)
		mustKill(t, c, "aggregator-2", CONT)
		mustKill(t, c, "aggregator-2", TERM)
		wantState(t, c, "aggregator-2", model.ProcessStopped)
		if _, err := c.Start(within(t, 5*time.Second), "aggregator-2"); err != nil {
			t.Error(err)
		}
		wantState(t, c, "aggregator-2", model.ProcessRunning)
	})
	t.Run("UpWaitsForALeaderThatLives", func(t *testing.T) {
		mustUpWith(t, c, withAggregators(2))
		dead := leader(t, c)
		mustKill(t, c, dead, KILL)
		if leader(t, c) != dead {
			t.Fatal("its lease has ended already")
		}
		mustUpWith(t, c, withAggregators(2))
		if now := leader(t, c); now == "" || now == dead {
			t.Errorf("%q leads, which was killed", now)
		}
	})
	t.Run("AnotherTTLRestartsThem", func(t *testing.T) {
		o := withAggregators(AggregatorsAsRecorded)
		o.LeaderTTL = 3 * time.Second
		res := mustUpWith(t, c, o)
		wantNames(t, "started", res.Started, "aggregator-1", "aggregator-2")
		if len(res.Recovered) > 0 {
			t.Errorf("recovered: %q", res.Recovered)
		}
		if res := mustUpWith(t, c, o); len(res.Started) > 0 {
			t.Errorf("started again: %+v", res)
		}
		if d, err := c.Describe(); err != nil || d.Tuning.LeaderTTL != o.LeaderTTL {
			t.Errorf("%+v, %v", d, err)
		}
	})
	t.Run("MoreAreAddedAndFewerStopTheLast", func(t *testing.T) {
		o := withAggregators(3)
		o.LeaderTTL, o.Agents = 0, 2
		res := mustUpWith(t, c, o)
		wantNames(t, "started", res.Started, "agent-2", "aggregator-3")
		wantNames(t, "processes", names(mustLoad(t, c).Processes), "etcd-1", "agent-1", "agent-2", "aggregator-1", "aggregator-2", "aggregator-3")
		o.Aggregators = 1
		res = mustUpWith(t, c, o)
		wantNames(t, "stopped", res.Stopped, "aggregator-2", "aggregator-3")
	})
	t.Run("DownLeavesNothing", func(t *testing.T) {
		mustDown(t, c, DownOptions{})
		wantNothing(t, c)
	})
}

// The record of a version that knew no aggregators is read as it is, and gets them
// by the next Up and by nothing else.
func TestOlderRecordGetsAggregators(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	mustUp(t, c, 1, 1)
	older := map[string]any{}
	data, err := os.ReadFile(c.path(stateFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &older); err != nil {
		t.Fatal(err)
	}
	older["version"] = 1
	delete(older, "tuning")
	if data, err = json.Marshal(older); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path(stateFile), data, fileMode); err != nil {
		t.Fatal(err)
	}

	mustKill(t, c, "etcd-1", KILL)
	if _, err := c.Start(within(t, 5*time.Second), "etcd-1"); err != nil {
		t.Fatal(err)
	}
	d, err := c.Describe()
	if err != nil || d.Tuning != DefaultTuning() || len(d.Aggregators) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	recorded := UpOptions{Agents: AgentsAsRecorded, Aggregators: AggregatorsAsRecorded}
	res := mustUpWith(t, c, recorded)
	wantNames(t, "running", res.Running, "etcd-1", "agent-1")
	wantNames(t, "started", res.Started, "aggregator-1", "aggregator-2")

	recorded.Aggregators = 0
	mustUpWith(t, c, recorded)
	recorded.Aggregators = AggregatorsAsRecorded
	if res := mustUpWith(t, c, recorded); len(res.Started) > 0 {
		t.Errorf("none were wanted, and started were %q", res.Started)
	}
}

// A port that is recorded stays its process's own while that is down.
func TestPortsOfProcessesThatAreDownAreNotGivenAway(t *testing.T) {
	t.Parallel()
	reserved := make([]int, 0, maxPort-minPort)
	for port := minPort; port < maxPort; port++ {
		reserved = append(reserved, port)
	}
	if ports, err := freePorts(1, reserved); err == nil {
		t.Errorf("given away: %v", ports)
	}
	st, err := newState(1, DefaultTuning())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.addAggregators(2); err != nil {
		t.Fatal(err)
	}
	if got := slices.Compact(slices.Sorted(slices.Values(st.ports()))); len(got) != 4 {
		t.Errorf("ports: %v", got)
	}
}

func TestKeyOfADeadLeaderDoesNotCount(t *testing.T) {
	t.Parallel()
	const since = 7
	for name, tt := range map[string]struct {
		value   string
		created int64
		started bool
		counts  bool
	}{
		"ran already":          {`{"name":"aggregator-1","instance":"a"}`, since, false, true},
		"started, left over":   {`{"name":"aggregator-1","instance":"a"}`, since, true, false},
		"started, its own":     {`{"name":"aggregator-1","instance":"a"}`, since + 1, true, true},
		"of another cluster's": {`{"name":"elsewhere","instance":"a"}`, since, true, true},
		"not a candidate":      {`junk`, since + 1, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := new(state)
			if err := st.addAggregators(2); err != nil {
				t.Fatal(err)
			}
			l := launched{since: since}
			if tt.started {
				l.records = st.aggregators()
			}
			resp := &clientv3.GetResponse{Kvs: []*mvccpb.KeyValue{{Value: []byte(tt.value), CreateRevision: tt.created}}}
			for _, name := range []string{"aggregator-1", "aggregator-2"} { // in line behind it
				value := fmt.Appendf(nil, `{"name":%q,"instance":"b"}`, name)
				resp.Kvs = append(resp.Kvs, &mvccpb.KeyValue{Value: value, CreateRevision: since + 2})
			}
			if got := len(unelected(st.aggregators(), l, resp)) == 0; got != tt.counts {
				t.Errorf("counts: %v, want %v", got, tt.counts)
			}
			resp.Kvs = resp.Kvs[1:2]
			wantNames(t, "not in line", names(unelected(st.aggregators(), l, resp)), "aggregator-2")
			wantNames(t, "not in line", names(unelected(st.aggregators(), l, new(clientv3.GetResponse))), "aggregator-1", "aggregator-2")
		})
	}
}
