package printer

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

var observed = time.Date(2025, 11, 21, 3, 40, 0, 0, time.UTC)

const target = "local (3 members on 127.0.0.1)"

func meta(kind string) model.TypeMeta { return model.NewTypeMeta(kind, target, observed) }

func aliveNode(name string, age float64) model.Node {
	return model.Node{
		Name: name, State: model.NodeAlive, Age: &age, LastHeartbeat: new(observed.Add(-model.Seconds(age))),
		Owner: "4c4c4544-0042", Version: "v0.1.0", Interval: 10, TTL: 5, ConfigRevision: 42, WantedRevision: 42,
		Metrics: map[string]float64{
			model.MetricCPU: 3.14, model.MetricMemory: 41.25, model.MetricDiskRead: 0, model.MetricDiskWrite: 12.3 * 1024,
			model.MetricNetIn: 1023 * 1024, model.MetricNetOut: 98.76 * 1024 * 1024,
		},
	}
}

func fineNodes() []model.Node {
	return []model.Node{aliveNode("node-1", 2), aliveNode("node-2", 9), aliveNode("node-3", 0.4)}
}

func troubledNodes() []model.Node {
	nodes := fineNodes()
	nodes[1].State, nodes[1].Reason, nodes[1].Age = model.NodeStale, "no heartbeat for 3m20s, 25s promised", new(200.0)
	nodes[2] = model.Node{Name: "node-3", State: model.NodeDead, Reason: "no heartbeat: its lease ended"}
	sick := aliveNode("node-4", 3)
	delete(sick.Metrics, model.MetricDiskRead)
	sick.Errors = map[string]string{model.MetricDiskRead: "open /proc/diskstats: permission denied"}
	sick.ConfigRejected, sick.ConfigError, sick.WantedRevision = true, "ttl must be 2 to 600 seconds, not 1", 57
	foreign := model.Node{Name: "node-5", State: model.NodeAlive, Age: new(1.0), Metrics: map[string]float64{"gpu temp": 61.5, "load1": 0.25}}
	return append(nodes, sick, foreign)
}

func nodeList(nodes []model.Node) *model.NodeList {
	return &model.NodeList{TypeMeta: meta(model.KindNodeList), Counts: model.CountNodes(nodes), Items: nodes}
}

func upMember(i int, role model.Role) model.Member {
	return model.Member{
		Name: fmt.Sprintf("etcd-%d", i), ID: fmt.Sprintf("8e9e05c52164694%d", i), Endpoint: fmt.Sprintf("https://127.0.0.1:%d", 23790+i),
		Role: role, State: model.MemberUp, Version: "3.7.3", DBSize: new(int64(20480)), DBSizeInUse: new(int64(16384)),
		DBSizeQuota: new(int64(2 << 30)), LeaderID: "8e9e05c521646941", RaftTerm: new(uint64(12)), RaftIndex: new(uint64(10234)),
		RaftApplied: new(uint64(10234)), RaftLag: new(uint64(0)), Revision: new(int64(977)),
	}
}

func fineMembers() []model.Member {
	return []model.Member{upMember(1, model.RoleLeader), upMember(2, model.RoleFollower), upMember(3, model.RoleFollower)}
}

func troubledMembers() []model.Member {
	members := fineMembers()
	members[1] = model.Member{
		Name: "etcd-2", ID: members[1].ID, Endpoint: members[1].Endpoint, Role: model.RoleUnknown, State: model.MemberDown,
		Reason: "dial tcp 127.0.0.1:23792: connect: connection refused",
	}
	members[2].Alarms, members[2].Errors, members[2].DBSizeQuota = []string{"NOSPACE"}, []string{"etcdserver: mvcc: database space exceeded"}, nil
	return members
}

func memberList(members []model.Member) *model.MemberList {
	return &model.MemberList{TypeMeta: meta(model.KindMemberList), ClusterID: "cdf818194e3a8c32", Quorum: model.QuorumOf(members), Items: members}
}

func statusOf(verdict model.Verdict, members []model.Member, nodes []model.Node) *model.Status {
	return &model.Status{
		TypeMeta: meta(model.KindStatus), Verdict: verdict, Quorum: model.QuorumOf(members),
		Leader: model.LeaderInfo{Name: "etcd-1", ID: "8e9e05c521646941", Term: 12},
		Counts: model.CountNodes(nodes), Members: members, Nodes: nodes,
		Aggregator: aggregators(),
	}
}

// aggregators are two replicas, of which the second one leads after the first one
// died, and after it had resigned and was paused before.
func aggregators() model.AggregatorLeader {
	replica := func(n int) model.Aggregator {
		return model.Aggregator{
			Name: fmt.Sprintf("aggregator-%d", n), Instance: fmt.Sprintf("INSTANCE%d", n), Address: fmt.Sprintf("127.0.0.1:2800%d", n), Version: "v1.2.0",
		}
	}
	change := func(term int64, leader, after string, cause model.Cause, without *float64) model.Event {
		return model.Event{
			Type: model.EventLeader, Seq: 10 * term, Term: term, By: leader, Time: observed.Add(-time.Duration(5-term) * 20 * time.Minute),
			Leader: leader, Previous: after, Cause: cause, Without: without,
		}
	}
	since := observed.Add(-20 * time.Minute)
	return model.AggregatorLeader{
		State: model.Leads, Leader: new(replica(2)), Standbys: []model.Aggregator{replica(1)}, Term: 4, Token: 812, Since: &since,
		Changes: []model.Event{
			change(4, "aggregator-2", "aggregator-1", model.CauseDied, new(0.0421)),
			change(3, "aggregator-1", "aggregator-2", model.CauseExpired, new(5.13)),
			change(2, "aggregator-2", "aggregator-1", model.CauseResigned, new(0.0062)),
			change(1, "aggregator-1", "", model.CauseFirst, nil),
		},
	}
}

func troubledStatus() *model.Status {
	s := statusOf(model.Degraded, troubledMembers(), troubledNodes())
	s.Reasons = []string{"member etcd-2 is down", "alarm NOSPACE on etcd-3", "node node-3 is Dead"}
	s.Errors = []string{"read the roster: context deadline exceeded"}
	s.Aggregator = model.AggregatorLeader{State: model.LeaderNone}
	return s
}

func unknownStatus() *model.Status {
	members := []model.Member{{Name: "etcd-1", ID: "1", Role: model.RoleUnknown, State: model.MemberDown, Reason: "connection refused"}}
	nodes := []model.Node{{Name: "node-1", State: model.NodeUnknown, LastState: model.NodeAlive, Age: new(42.0)}}
	s := statusOf(model.Unknown, members, nodes)
	s.Leader = model.LeaderInfo{}
	s.Aggregator = model.AggregatorLeader{State: model.LeadershipUnseen}
	return s
}

func manyNodes(n int) []model.Node {
	nodes := make([]model.Node, n)
	for i := range nodes {
		nodes[i] = aliveNode(fmt.Sprintf("node-%d", i), float64(i%10))
		nodes[i].Metrics[model.MetricCPU] = float64(i%1000) / 10
		nodes[i].Metrics[model.MetricDiskRead] = float64(i) * 1234
	}
	return nodes
}

func largeStatus() *model.Status {
	nodes := manyNodes(30)
	nodes[7].State, nodes[7].Reason = model.NodeStale, "no heartbeat for 30s, 25s promised"
	nodes[8] = model.Node{Name: "node-8", State: model.NodeDead, Reason: "no heartbeat: its lease ended"}
	return statusOf(model.Degraded, fineMembers(), nodes)
}

func leader(members []model.Member, l model.LeaderInfo) *model.Leader {
	r := &model.Leader{TypeMeta: meta(model.KindLeader), Leader: l, Quorum: model.QuorumOf(members), Aggregator: aggregators()}
	if l.Name == "" {
		r.Aggregator = model.AggregatorLeader{State: model.LeaderNone}
	}
	for _, m := range members {
		r.Candidates = append(r.Candidates, model.Candidate{
			Name: m.Name, ID: m.ID, Role: m.Role, Can: m.Answered(), Reason: m.Reason, Lag: m.RaftLag,
		})
	}
	return r
}

func configList() *model.ConfigList {
	item := func(host string, rev int64, config string) model.ConfigItem {
		return model.ConfigItem{Host: host, Revision: rev, Config: json.RawMessage(config)}
	}
	broken := item("node-4", 92, `"not a config <at all>"`)
	broken.Error = "not a JSON object"
	return &model.ConfigList{TypeMeta: meta(model.KindConfigList), Items: []model.ConfigItem{
		item("_default", 12, `{"interval": 10, "metrics": ["cpu", "memory", "disk read", "disk write", "net in", "net out"]}`),
		item("node-1", 90, `{"interval":0.5,"metrics":["cpu","memory"],"ttl":5}`),
		item("node-2", 91, `{"metrics":[],"big":12345678901234567890123,"huge":1e400,"neg":-0,"exp":1E5,"yes":"no","when":"12:30:45","n":"1e5","deep":{"a":[1,[],{}],"note":"two\nlines"}}`),
		{Host: "node-3"},
		broken,
	}}
}

func processList() *model.ProcessList {
	started := observed.Add(-252 * time.Second)
	return &model.ProcessList{TypeMeta: meta(model.KindProcessList), Dir: "/home/me/.local/state/kubectl-monitor", Items: []model.Process{
		{Name: "etcd-1", Role: model.ProcessMember, State: model.ProcessRunning, PID: 41234, Endpoint: "http://127.0.0.1:23791", Started: &started, Log: "/home/me/.local/state/kubectl-monitor/etcd-1.log"},
		{Name: "agent-1", Role: model.ProcessAgent, State: model.ProcessPaused, PID: 41240, Host: "node-1", Started: &started, Log: "/home/me/.local/state/kubectl-monitor/agent-1.log"},
		{Name: "agent-2", Role: model.ProcessAgent, State: model.ProcessDead, Reason: "killed by SIGKILL", Host: "node-2", Started: &started, Log: "/home/me/.local/state/kubectl-monitor/agent-2.log"},
		{Name: "aggregator-1", Role: model.ProcessAggregator, State: model.ProcessRunning, PID: 41252, Endpoint: "http://127.0.0.1:18080", Started: &started, Log: "/home/me/.local/state/kubectl-monitor/aggregator-1.log"},
	}}
}

// hostileText would clear the screen, ring, reverse the line, break the row and
// set the window's title.
const hostileText = "\x1b[2J\a\u202eevil\r\n\u2028\u009b31m\x7f\xff\x1b]0;owned\x07\ufeff\U000e0041"

func hostileNodes() []model.Node {
	return []model.Node{
		{Name: hostileText, State: model.NodeInvalid, Reason: hostileText, Version: hostileText, Owner: hostileText},
		{Name: strings.Repeat("x", 4<<10), State: model.NodeInvalid, Reason: strings.Repeat(hostileText, 20)},
		{Name: "", State: model.NodeInvalid, Reason: "a host name may not be empty"},
		{Name: "集群节点", State: model.NodeAlive, Age: new(-7.0), Metrics: map[string]float64{
			model.MetricCPU: 1e300, model.MetricMemory: -5, model.MetricNetIn: 1e300, hostileText: 1, strings.Repeat("y", 500): 2,
		}},
	}
}
