package aggregator

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	prommodel "github.com/prometheus/common/model"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// everything is a server in whose metrics there is a series of every kind.
func everything(t *testing.T) *onlooker {
	t.Helper()
	v := fixed()
	age, bytes, number := 1.5, int64(4096), uint64(7)
	measured := make(map[string]float64)
	for i, m := range model.Metrics() {
		measured[m.Name] = float64(i + 1)
	}
	v.status.Nodes = append(v.status.Nodes,
		model.Node{Name: "node-2", State: model.NodeAlive, Age: &age, ConfigRevision: 5, WantedRevision: 9, ConfigRejected: true, Metrics: measured},
		model.Node{Name: "node-3", State: model.NodeDead, Age: &age})
	v.status.Members = []model.Member{
		{Name: "etcd-1", ID: "a1", Role: model.RoleLeader, State: model.MemberUp, Alarms: []string{"NOSPACE"},
			DBSize: &bytes, DBSizeInUse: &bytes, DBSizeQuota: &bytes, RaftTerm: &number, RaftLag: &number},
		{Name: "etcd-2", ID: "a2", State: model.MemberDown},
	}
	v.aggregator = model.AggregatorLeader{
		State: model.Leads, Leader: &model.Aggregator{Name: "a-1", Instance: instance}, Term: 3,
		Standbys: []model.Aggregator{{Name: "a-2", Instance: "i2"}},
	}
	r := serving(t, v)
	r.metrics.LedFrom(model.CauseFirst)
	r.metrics.LedFrom(model.CauseDied)
	r.metrics.LedFrom(model.CauseDied)
	r.metrics.LedFrom(model.CauseExpired)
	r.metrics.Deposed()
	r.metrics.Refused()
	r.metrics.EventsWritten(40)
	r.metrics.EventsWritten(2)
	r.metrics.Seen(120)
	r.metrics.Cursor(117)
	r.metrics.Call(etcd.Call{Method: "Txn", Took: 3 * time.Millisecond})
	r.metrics.Call(etcd.Call{Method: "Txn", Took: 2 * time.Second, Err: grpcstatus.Error(codes.Unavailable, "gone")})
	r.metrics.Call(etcd.Call{Method: "Watch", Took: time.Hour, Stream: true})
	return r
}

// scrape returns our series as Prometheus reads them, as NAME{LABEL=VALUE,…}; of
// a histogram the number of observations.
func scrape(t testing.TB, r *onlooker) map[string]float64 {
	t.Helper()
	code, body := r.get(t, "/metrics")
	if code != http.StatusOK {
		t.Fatalf("scrape: %d, %s", code, body)
	}
	parser := expfmt.NewTextParser(prommodel.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%v in the scrape\n%s", err, body)
	}
	series := make(map[string]float64)
	for name, family := range families {
		if !strings.HasPrefix(name, namespace) {
			continue
		}
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			full := name
			if len(labels) > 0 {
				full += "{" + strings.Join(labels, ",") + "}"
			}
			series[full] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return series
}

func TestEveryFigureIsToldInPrometheusUnits(t *testing.T) {
	t.Parallel()
	want := map[string]float64{
		"kubectl_monitor_build_info{goversion=" + runtime.Version() + ",version=v1.2.3}": 1,

		"kubectl_monitor_aggregator_leader":                                     1,
		"kubectl_monitor_aggregator_term":                                       3,
		"kubectl_monitor_aggregator_candidates":                                 2,
		"kubectl_monitor_aggregator_failovers_total{cause=resigned}":            0,
		"kubectl_monitor_aggregator_failovers_total{cause=died}":                2,
		"kubectl_monitor_aggregator_failovers_total{cause=expired}":             1,
		"kubectl_monitor_aggregator_failovers_total{cause=deposed}":             0,
		"kubectl_monitor_aggregator_depositions_total":                          1,
		"kubectl_monitor_aggregator_writes_refused_total":                       1,
		"kubectl_monitor_aggregator_events_written_total":                       42,
		"kubectl_monitor_aggregator_seen_revision":                              120,
		"kubectl_monitor_aggregator_cursor_revision":                            117,
		"kubectl_monitor_etcd_call_duration_seconds{method=Txn}":                2,
		"kubectl_monitor_etcd_call_failures_total{code=Unavailable,method=Txn}": 1,

		"kubectl_monitor_store_readable":             1,
		"kubectl_monitor_verdict{verdict=HEALTHY}":   1,
		"kubectl_monitor_verdict{verdict=DEGRADED}":  0,
		"kubectl_monitor_verdict{verdict=UNHEALTHY}": 0,
		"kubectl_monitor_verdict{verdict=UNKNOWN}":   0,
		"kubectl_monitor_members_voting":             2,
		"kubectl_monitor_members_spare":              -1,
		"kubectl_monitor_nodes{state=Alive}":         2,
		"kubectl_monitor_nodes{state=Dead}":          1,
		"kubectl_monitor_nodes{state=Stale}":         0,
		"kubectl_monitor_nodes{state=Left}":          0,
		"kubectl_monitor_nodes{state=Invalid}":       0,
		"kubectl_monitor_nodes{state=Unknown}":       0,

		"kubectl_monitor_member_up{member=etcd-1}":                   1,
		"kubectl_monitor_member_leader{member=etcd-1}":               1,
		"kubectl_monitor_member_alarm{alarm=NOSPACE,member=etcd-1}":  1,
		"kubectl_monitor_member_db_size_bytes{member=etcd-1}":        4096,
		"kubectl_monitor_member_db_size_in_use_bytes{member=etcd-1}": 4096,
		"kubectl_monitor_member_db_size_quota_bytes{member=etcd-1}":  4096,
		"kubectl_monitor_member_raft_term{member=etcd-1}":            7,
		"kubectl_monitor_member_raft_lag_entries{member=etcd-1}":     7,
		"kubectl_monitor_member_up{member=etcd-2}":                   0,
		"kubectl_monitor_member_leader{member=etcd-2}":               0,

		"kubectl_monitor_node_state{node=node-1,state=Alive}":                 1,
		"kubectl_monitor_node_config_applied_revision{node=node-1}":           0,
		"kubectl_monitor_node_config_wanted_revision{node=node-1}":            0,
		"kubectl_monitor_node_config_rejected{node=node-1}":                   0,
		"kubectl_monitor_node_state{node=node-2,state=Alive}":                 1,
		"kubectl_monitor_node_heartbeat_age_seconds{node=node-2}":             1.5,
		"kubectl_monitor_node_config_applied_revision{node=node-2}":           5,
		"kubectl_monitor_node_config_wanted_revision{node=node-2}":            9,
		"kubectl_monitor_node_config_rejected{node=node-2}":                   1,
		"kubectl_monitor_node_cpu_usage_ratio{node=node-2}":                   0.01,
		"kubectl_monitor_node_memory_usage_ratio{node=node-2}":                0.02,
		"kubectl_monitor_node_disk_read_bytes_per_second{node=node-2}":        3,
		"kubectl_monitor_node_disk_write_bytes_per_second{node=node-2}":       4,
		"kubectl_monitor_node_network_receive_bytes_per_second{node=node-2}":  5,
		"kubectl_monitor_node_network_transmit_bytes_per_second{node=node-2}": 6,
		"kubectl_monitor_node_load1{node=node-2}":                             7,
		"kubectl_monitor_node_disk_usage_ratio{node=node-2}":                  0.08,
		"kubectl_monitor_node_state{node=node-3,state=Dead}":                  1,
		"kubectl_monitor_node_heartbeat_age_seconds{node=node-3}":             1.5,
		"kubectl_monitor_node_config_applied_revision{node=node-3}":           0,
		"kubectl_monitor_node_config_wanted_revision{node=node-3}":            0,
		"kubectl_monitor_node_config_rejected{node=node-3}":                   0,
	}
	if diff := cmp.Diff(want, scrape(t, everything(t))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMetricsFollowPrometheusConventions(t *testing.T) {
	t.Parallel()
	problems, err := testutil.GatherAndLint(everything(t).metrics.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// What was measured long ago would look in Prometheus as if it were measured now.
func TestOnlyNodesThatLiveTellWhatTheyMeasured(t *testing.T) {
	t.Parallel()
	v := fixed()
	v.status.Nodes = nil
	for _, state := range model.NodeStates() {
		v.status.Nodes = append(v.status.Nodes, model.Node{
			Name: strings.ToLower(string(state)), State: state, Metrics: map[string]float64{model.MetricCPU: 50},
		})
	}
	series := scrape(t, serving(t, v))
	for _, state := range model.NodeStates() {
		node := strings.ToLower(string(state))
		if series[fmt.Sprintf("%s_node_state{node=%s,state=%s}", namespace, node, state)] != 1 {
			t.Errorf("%s has no state", node)
		}
		if _, ok := series[fmt.Sprintf("%s_node_cpu_usage_ratio{node=%s}", namespace, node)]; ok != (state == model.NodeAlive) {
			t.Errorf("%s: it is told what it measured: %v", node, ok)
		}
	}
}

func TestLeadershipIsToldOnlyAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	self, other := &model.Aggregator{Instance: instance}, &model.Aggregator{Instance: "i2"}
	for name, tc := range map[string]struct {
		leader model.AggregatorLeader
		want   string
	}{
		"leads":            {model.AggregatorLeader{State: model.Leads, Leader: self, Term: 2}, "leader 1, term 2, candidates 1"},
		"stands by":        {model.AggregatorLeader{State: model.Leads, Leader: other, Term: 2, Standbys: []model.Aggregator{*self}}, "leader 0, term 2, candidates 2"},
		"nobody leads":     {model.AggregatorLeader{State: model.LeaderNone}, "leader 0, candidates 0"},
		"store is away":    {model.AggregatorLeader{State: model.LeadershipUnseen, Leader: self, Term: 2}, "leader 0"},
		"nothing deployed": {model.AggregatorLeader{State: model.NotDeployed}, "leader 0, candidates 0"},
	} {
		v := fixed()
		v.aggregator = tc.leader
		series := scrape(t, serving(t, v))
		var got []string
		for _, figure := range []string{"leader", "term", "candidates"} {
			if value, ok := series[namespace+"_aggregator_"+figure]; ok {
				got = append(got, fmt.Sprint(figure, " ", value))
			}
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestHostileNamesBreakNoScrape(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	cli := c.Client()
	long := strings.Repeat("x", 100_000)
	names := []string{
		hostile, "a\xff", "a\xfe", "a\ufffd", `"a\xff"`, "a b", "a\nkubectl_monitor_nodes 1", `a"} 1`, "ä", "A", "node-1", long,
	}
	for _, name := range names {
		if _, err := cli.Put(t.Context(), keys.HeartbeatPrefix+name, beat(t)); err != nil {
			t.Fatal(err)
		}
	}
	v := seeing(t, c)
	v.until(t, "the nodes", func() bool { return len(v.Nodes().Items) == len(names) })
	v.leader = model.AggregatorLeader{State: model.Leads, Leader: &model.Aggregator{Name: hostile, Instance: hostile}}
	r := serving(t, v)
	series := scrape(t, r)
	if got := series["kubectl_monitor_nodes{state=Invalid}"]; got != float64(len(names)-1) {
		t.Errorf("%v names are invalid, want %d", got, len(names)-1)
	}
	rows := 0
	for name := range series {
		if strings.HasPrefix(name, "kubectl_monitor_node_state{") {
			rows++
		}
	}
	if rows != len(names)-1 {
		t.Errorf("%d nodes have series, want all %d but the one with the long name", rows, len(names))
	}
	if problems, err := testutil.GatherAndLint(r.metrics.registry); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestMembersOfTheSameNameHaveEachTheirSeries(t *testing.T) {
	t.Parallel()
	v := fixed()
	v.status.Members = []model.Member{
		{Name: "etcd", ID: "a1", State: model.MemberUp}, {Name: "etcd", ID: "a2", State: model.MemberDown}, {Name: hostile, ID: "a3", State: model.MemberUp},
	}
	series := scrape(t, serving(t, v))
	want := map[string]float64{"etcd": 1, "etcd a2": 0, strconv.Quote(hostile): 1}
	for name, up := range want {
		if got, ok := series["kubectl_monitor_member_up{member="+name+"}"]; !ok || got != up {
			t.Errorf("member %q is up: %v, %v, want %v", name, got, ok, up)
		}
	}
}

// counting counts how often the nodes of a view are read.
type counting struct {
	*still
	reads int
}

func (c *counting) Status() *model.Status  { c.reads++; return c.still.Status() }
func (c *counting) Nodes() *model.NodeList { c.reads++; return c.still.Nodes() }

func TestAScrapeTellsOfOneMoment(t *testing.T) {
	t.Parallel()
	v := &counting{still: fixed()}
	scrape(t, serving(t, v))
	if v.reads != 1 {
		t.Errorf("the view was read %d times", v.reads)
	}
}

func TestScrapesAreWholeWhileTheViewChanges(t *testing.T) {
	t.Parallel()
	const nodes, scrapers, scrapes = 100, 10, 5
	c := testcluster.Start(t, 1)
	fleet(t, c, nodes)
	v := seeing(t, c)
	v.until(t, "the nodes", func() bool { return v.Nodes().Counts.Alive == nodes })
	r := serving(t, v)
	ctx, cancel := context.WithCancel(t.Context())
	var changing, scraping sync.WaitGroup
	cli, text := c.Client(), beat(t)
	changing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			key := keys.Heartbeat(nodeName(i % nodes))
			_, _ = cli.Txn(ctx).Then(clientv3.OpDelete(key)).Commit() // ctx ends one of them
			_, _ = cli.Txn(ctx).Then(clientv3.OpPut(key, text)).Commit()
			r.metrics.EventsWritten(1)
			r.metrics.Call(etcd.Call{Method: "Txn", Took: time.Millisecond})
		}
	})
	for range scrapers {
		scraping.Go(func() {
			for range scrapes {
				series := scrape(t, r)
				states, counted := 0, 0.0
				for name, value := range series {
					if strings.HasPrefix(name, "kubectl_monitor_node_state{") {
						states++
					}
					if strings.HasPrefix(name, "kubectl_monitor_nodes{") {
						counted += value
					}
				}
				if float64(states) != counted || states < nodes-1 {
					t.Errorf("of %d nodes %v are counted, and %d have a state", nodes, counted, states)
				}
			}
		})
	}
	scraping.Wait()
	cancel()
	changing.Wait()
}
