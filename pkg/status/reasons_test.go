package status

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/view"
)

const stopped = "Kubelet stopped posting node status"

func TestNodeThatIsNotAliveSaysWhyAsKubernetesKnowsIt(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)
	agent := &model.PodFacts{Name: "monitor-agent-x", Node: "n", Ready: true}
	crashing := &model.PodFacts{Name: "monitor-agent-x", Node: "n", Reason: "CrashLoopBackOff", Restarts: 5}
	answers := func(says string, fails bool) *model.Kubelet {
		return &model.Kubelet{Answers: true, AgentSays: says, AgentFails: fails}
	}
	mute := &model.Kubelet{Reason: "connection refused"}
	for name, tc := range map[string]struct {
		facts model.NodeFacts
		state model.NodeState
		was   string // as the view told it
		want  string
	}{
		"fine": {model.NodeFacts{Ready: new(true), Agent: agent}, model.NodeAlive, "", ""},
		"alive, and cordoned": {model.NodeFacts{Ready: new(true), Agent: agent, Cordoned: true}, model.NodeAlive, "its clock is 3s ahead",
			"its clock is 3s ahead; cordoned"},
		"alive, and the disk is full": {model.NodeFacts{Ready: new(true), Reason: "kubelet has disk pressure", Agent: agent}, model.NodeAlive, "",
			"kubelet has disk pressure"},
		"alive, and cut off from Kubernetes": {model.NodeFacts{Ready: new(false), Reason: stopped, Since: &noon, Agent: agent}, model.NodeAlive, "",
			"Kubernetes says not ready since 2025-11-21T12:00:00Z: " + stopped},

		"dead before Kubernetes notices": {model.NodeFacts{Ready: new(true), Agent: agent, Kubelet: mute}, model.NodeDead, "its lease ended",
			"node down: its kubelet does not answer (connection refused), although Kubernetes still says Ready; its lease ended"},
		"dead, and nobody may list nodes": {model.NodeFacts{Agent: agent, Kubelet: mute}, model.NodeDead, "its lease ended",
			"node down: its kubelet does not answer (connection refused); its lease ended"},
		"dead, as Kubernetes knows": {model.NodeFacts{Ready: new(false), Reason: stopped, Since: &noon, Agent: agent, Kubelet: mute}, model.NodeDead, "its lease ended",
			"node down: not ready since 2025-11-21T12:00:00Z: " + stopped + "; its lease ended"},
		"not ready, and lives": {model.NodeFacts{Ready: new(false), Reason: "network not ready", Agent: agent, Kubelet: answers("heartbeat not sent", true)}, model.NodeDead, "its lease ended",
			"node not ready: network not ready; agent cannot reach etcd: heartbeat not sent; its lease ended"},
		"cordoned, and dead": {model.NodeFacts{Ready: new(true), Agent: agent, Cordoned: true, Kubelet: mute}, model.NodeDead, "its lease ended",
			"node down: its kubelet does not answer (connection refused), although Kubernetes still says Ready; cordoned; its lease ended"},

		"no agent":            {model.NodeFacts{Ready: new(true), NoAgent: "exceeded quota"}, model.NodeDead, "never seen", "no agent pod: exceeded quota; never seen"},
		"pods cannot be read": {model.NodeFacts{Ready: new(true)}, model.NodeDead, "never seen", "never seen"},
		"agent crashes": {model.NodeFacts{Ready: new(true), Agent: crashing, Kubelet: answers("error: no such flag", true)}, model.NodeDead, "its lease ended",
			"agent down: CrashLoopBackOff (restarts: 5); it said last: error: no such flag; its lease ended"},
		"agent hangs": {model.NodeFacts{Ready: new(true), Agent: agent, Kubelet: answers("configuration in force", false)}, model.NodeStale, "no heartbeat for 30s",
			"its agent runs, and no heartbeat arrives; it said last: configuration in force; no heartbeat for 30s"},
		"agent is silent": {model.NodeFacts{Ready: new(true), Agent: agent, Kubelet: answers("", false)}, model.NodeDead, "its lease ended",
			"its agent runs, and no heartbeat arrives; its lease ended"},
		"agent is cut off": {model.NodeFacts{Ready: new(true), Agent: agent, Kubelet: answers("heartbeat not sent, trying on: no such host", true)}, model.NodeDead, "its lease ended",
			"agent cannot reach etcd: heartbeat not sent, trying on: no such host; its lease ended"},
		"nobody may ask the kubelet": {model.NodeFacts{Ready: new(true), Agent: agent}, model.NodeDead, "its lease ended",
			"its agent's pod is ready; its lease ended"},

		"no etcd, all is well": {model.NodeFacts{Ready: new(true), Agent: agent}, model.NodeUnknown, "no member answers",
			"in Kubernetes node and agent are ready; no member answers"},
		"no etcd, and who may read pods only": {model.NodeFacts{Agent: agent}, model.NodeUnknown, "no member answers",
			"in Kubernetes the agent is ready; no member answers"},
		"no etcd, and who may read nodes only": {model.NodeFacts{Ready: new(true)}, model.NodeUnknown, "no member answers",
			"in Kubernetes the node is ready; no member answers"},
		"no etcd, no node": {model.NodeFacts{Ready: new(false), Reason: stopped, Agent: agent}, model.NodeUnknown, "no member answers",
			"node down: not ready: " + stopped + "; no member answers"},
	} {
		n := model.Node{State: tc.state, Reason: tc.was, Kubernetes: &tc.facts}
		if diff := cmp.Diff(tc.want, nodeReason(&n)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMemberThatIsDownSaysHowItsPodIs(t *testing.T) {
	t.Parallel()
	ready := &model.PodFacts{Name: "etcd-0", Node: "n", Ready: true}
	pulling := &model.PodFacts{Name: "etcd-0", Node: "n", Reason: "ImagePullBackOff", Restarts: 1}
	for name, tc := range map[string]struct {
		facts model.MemberFacts
		state model.MemberState
		want  string
	}{
		"up":                     {model.MemberFacts{Pod: ready}, model.MemberUp, ""},
		"up, not ready":          {model.MemberFacts{Pod: pulling}, model.MemberUp, "its pod is not ready: ImagePullBackOff (restarts: 1)"},
		"down, ready":            {model.MemberFacts{Pod: ready}, model.MemberDown, "connection refused; its pod is ready"},
		"down, not ready":        {model.MemberFacts{Pod: pulling}, model.MemberDown, "its pod is not ready: ImagePullBackOff (restarts: 1); connection refused"},
		"no pod":                 {model.MemberFacts{NoPod: "exceeded quota"}, model.MemberDown, "no pod: exceeded quota"},
		"its pod cannot be read": {model.MemberFacts{}, model.MemberDown, "connection refused"},
	} {
		row := model.Member{Name: "etcd-0", State: tc.state}
		if tc.state == model.MemberDown {
			row.Reason = "connection refused"
		}
		tc.facts.Name, tc.facts.Volume = "etcd-0", &model.Volume{Name: "data-etcd-0"}
		r := &members.Report{Items: []model.Member{row, {Name: "etcd-1", Reason: "stays"}}}
		got := newTruth(&model.Facts{Members: []model.MemberFacts{tc.facts}}).report(r)
		if m := got.Items[0]; m.Reason != tc.want || m.Pod != tc.facts.Pod || m.Volume != tc.facts.Volume || m.State != tc.state {
			t.Errorf("%s: %+v, want reason %q", name, m, tc.want)
		}
		if got.Items[1].Reason != "stays" || r.Items[0].Pod != nil {
			t.Errorf("%s: another row, or the report itself, was changed: %+v, %+v", name, got.Items[1], r.Items[0])
		}
	}
}

func TestKubernetesNodesAreThoseThatShouldReport(t *testing.T) {
	t.Parallel()
	facts := model.Facts{AllNodes: true, Nodes: []model.NodeFacts{{Name: "new"}, {Name: "stopped"}, {Name: "windows", Excluded: true}}}
	remembered := map[string]string{
		"gone": `{"state":"Dead"}`, "gone-well": `{"state":"Left"}`, "stopped": `{"state":"Left"}`, "outside": `{"state":"Alive"}`,
	}
	rows := func(told *truth, hosts ...string) []string {
		v := view.New(time.Now)
		for name, entry := range remembered {
			v.PutRoster(name, nil, []byte(entry))
		}
		told.tell(v, hosts)
		var lines []string
		for _, n := range v.Nodes() {
			lines = append(lines, n.Name+" "+string(n.State)+": "+n.Reason)
		}
		return lines
	}
	left := "Left: Kubernetes no longer has the node"
	for name, tc := range map[string]struct {
		got, want []string
	}{
		"all are listed": {rows(newTruth(&facts), "outside"), []string{
			"gone " + left, "gone-well Left: left in good order", "new Dead: never seen",
			"outside Dead: no heartbeat", "stopped Dead: stopped in good order, and still expected",
		}},
		"only some are known": {rows(newTruth(&model.Facts{Nodes: facts.Nodes})), []string{
			"gone Dead: its lease ended", "gone-well Left: left in good order", "new Dead: never seen",
			"outside Dead: no heartbeat", "stopped Left: left in good order",
		}},
		"no Kubernetes": {rows(nil), []string{
			"gone Dead: its lease ended", "gone-well Left: left in good order", "outside Dead: no heartbeat", "stopped Left: left in good order",
		}},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
