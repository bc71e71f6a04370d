package kube

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

var noon = time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)

func node(name string, conditions ...corev1.NodeCondition) corev1.Node {
	return corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: "linux"}},
		Status:     corev1.NodeStatus{Conditions: conditions},
	}
}

func condition(kind corev1.NodeConditionType, status corev1.ConditionStatus, message string) corev1.NodeCondition {
	return corev1.NodeCondition{Type: kind, Status: status, Message: message, Reason: "Because", LastTransitionTime: metav1.NewTime(noon)}
}

var isReady = condition(corev1.NodeReady, corev1.ConditionTrue, "kubelet is posting ready status")

func TestNodeIsAsItsConditionsSay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		node corev1.Node
		want model.NodeFacts
	}{
		"ready":    {node("n", isReady), model.NodeFacts{Ready: new(true)}},
		"silent":   {node("n", condition(corev1.NodeReady, corev1.ConditionUnknown, "Kubelet stopped posting node status.")), model.NodeFacts{Ready: new(false), Reason: "Kubelet stopped posting node status", Since: &noon}},
		"no words": {node("n", condition(corev1.NodeReady, corev1.ConditionFalse, "")), model.NodeFacts{Ready: new(false), Reason: "Ready: Because", Since: &noon}},
		"new":      {node("n"), model.NodeFacts{Ready: new(false), Reason: "it has not reported yet"}},
		"full disk": {
			node("n", condition(corev1.NodeDiskPressure, corev1.ConditionTrue, "kubelet has disk pressure"), condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "fine"), isReady),
			model.NodeFacts{Ready: new(true), Reason: "kubelet has disk pressure"},
		},
		"full disk, and not ready": {
			node("n", condition(corev1.NodeDiskPressure, corev1.ConditionTrue, "kubelet has disk pressure"), condition(corev1.NodeReady, corev1.ConditionFalse, "network not ready")),
			model.NodeFacts{Ready: new(false), Reason: "network not ready", Since: &noon},
		},
	} {
		tc.want.Name = "n"
		if diff := cmp.Diff(tc.want, factsOf(&tc.node)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	cordoned := node("n", isReady)
	cordoned.Spec.Unschedulable = true
	if !factsOf(&cordoned).Cordoned {
		t.Error("a cordoned node is not said to be")
	}
}

// agentPod is an agent's pod that is made for a node, minutes after noon.
func agentPod(name, on string, minutes int) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{LabelName: AgentSet}, CreationTimestamp: metav1.NewTime(noon.Add(time.Duration(minutes) * time.Minute)),
	}}
	p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{
			{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{on}},
		}}},
	}}}
	return p
}

func ending(p corev1.Pod) corev1.Pod {
	p.DeletionTimestamp = new(metav1.NewTime(noon))
	return p
}

func onNode(p corev1.Pod, name string) corev1.Pod {
	p.Spec.NodeName, p.Spec.Affinity = name, nil
	return p
}

func TestEveryNodeHasTheAgentPodThatIsMeantForIt(t *testing.T) {
	t.Parallel()
	other := onNode(agentPod("aggregator", "", 9), "a")
	other.Labels = map[string]string{LabelName: AggregatorSet}
	nowhere := agentPod("nowhere", "", 0)
	nowhere.Spec.Affinity = nil
	got := make(map[string]string)
	for name, p := range agentPods([]corev1.Pod{
		onNode(agentPod("a-old", "", 1), "a"), onNode(agentPod("a-new", "", 2), "a"), other, nowhere,
		agentPod("b-pending", "b", 1),
		ending(agentPod("c-ending", "c", 5)), agentPod("c-next", "c", 4),
		ending(agentPod("d-ending", "d", 1)),
	}) {
		got[name] = p.Name
	}
	want := map[string]string{"a": "a-new", "b": "b-pending", "c": "c-next", "d": "d-ending"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pods by node (-want +got):\n%s", diff)
	}
}

func TestNodeWithoutAnAgentSaysWhyAsFarAsThatIsKnown(t *testing.T) {
	t.Parallel()
	windows := node("w", isReady)
	windows.Labels[corev1.LabelOSStable] = "windows"
	agents := &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{
		Spec: corev1.PodSpec{NodeSelector: map[string]string{corev1.LabelOSStable: "linux"}},
	}}}
	nodes := []corev1.Node{windows, node("n", isReady)}
	for name, tc := range map[string]struct {
		fleet fleet
		n, w  string
	}{
		"no DaemonSet":      {fleet{nodes: nodes, absent: true}, `no DaemonSet "monitor-agent" is deployed`, `no DaemonSet "monitor-agent" is deployed`},
		"one":               {fleet{nodes: nodes, agents: agents}, "", `the node selector of DaemonSet "monitor-agent" does not choose the node`},
		"one may not read":  {fleet{nodes: nodes, agentsErr: &DeniedError{}}, "", ""},
		"pods are not read": {fleet{nodes: nodes, absent: true, podsErr: &DeniedError{}}, "", ""},
	} {
		facts := tc.fleet.nodeFacts()
		if facts[0].NoAgent != tc.n || facts[1].NoAgent != tc.w {
			t.Errorf("%s: node says %q, Windows node %q; want %q and %q", name, facts[0].NoAgent, facts[1].NoAgent, tc.n, tc.w)
		}
		if excluded := tc.fleet.agents != nil; facts[0].Excluded || facts[1].Excluded != excluded {
			t.Errorf("%s: excluded are %t and %t, want false and %t", name, facts[0].Excluded, facts[1].Excluded, excluded)
		}
	}
}

func TestWhoMayNotListNodesIsToldOfThoseThatHaveAnAgent(t *testing.T) {
	t.Parallel()
	f := fleet{nodesErr: &DeniedError{}, pods: []corev1.Pod{onNode(agentPod("on-b", "", 0), "b"), agentPod("for-a", "a", 0)}}
	var got []string
	for _, n := range f.nodeFacts() {
		if n.Ready != nil {
			t.Errorf("node %s is said to be ready or not", n.Name)
		}
		got = append(got, n.Name+" "+n.Agent.Name)
	}
	if diff := cmp.Diff([]string{"a for-a", "b on-b"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVolumeTellsWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	claim := func(name, capacity string) corev1.PersistentVolumeClaim {
		c := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if capacity != "" {
			c.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(capacity)}
		}
		return c
	}
	claims := []corev1.PersistentVolumeClaim{claim("data-etcd-0", "1Gi"), claim("data-etcd-1", "1Gi"), claim("data-etcd-2", "")}
	used := map[string]int64{"data-etcd-0": 12345}
	for member, want := range map[string]*model.Volume{
		"etcd-0": {Name: "data-etcd-0", Capacity: new(int64(1 << 30)), Used: new(int64(12345))},
		"etcd-1": {Name: "data-etcd-1", Capacity: new(int64(1 << 30))},
		"etcd-2": {Name: "data-etcd-2"},
		"etcd-3": nil,
	} {
		if diff := cmp.Diff(want, volumeOf(deployed{}.claim(member), claims, used)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", member, diff)
		}
	}
}

func TestUsageIsThatOfTheNamespacesOwnClaims(t *testing.T) {
	t.Parallel()
	var stats statsSummary
	if err := json.Unmarshal([]byte(`{"node": {"nodeName": "n"}, "pods": [
		{"podRef": {"name": "etcd-0", "namespace": "etcd", "uid": "1"}, "volume": [
			{"usedBytes": 12345, "capacityBytes": 1073741824, "name": "data", "pvcRef": {"name": "data-etcd-0", "namespace": "etcd"}},
			{"usedBytes": 7, "name": "certificates"},
			{"name": "other", "pvcRef": {"name": "not-measured", "namespace": "etcd"}}]},
		{"podRef": {"name": "etcd-0", "namespace": "elsewhere", "uid": "2"}, "volume": [
			{"usedBytes": 1, "name": "data", "pvcRef": {"name": "data-etcd-0", "namespace": "elsewhere"}}]},
		{"podRef": {"name": "bare", "namespace": "etcd", "uid": "3"}}]}`), &stats); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"data-etcd-0": 12345}, stats.used("etcd")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLastLineOfAnAgentsLogIsReadInEitherFormat(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct {
		says  string
		fails bool
	}{
		`{"time":"x","level":"INFO","msg":"agent starts","host":"a"}`:                                          {"agent starts", false},
		`{"level":"WARN","msg":"heartbeat not sent, trying on","err":"dial tcp: connect: connection refused"}`: {"heartbeat not sent, trying on: connection refused", true},
		`{"level":"ERROR","msg":"x"}` + "\n" + `{"level":"INFO","msg":"y"}`:                                    {"x", true},
		`time=2025-11-21T12:00:00Z level=WARN msg="lease lost" lease=1`:                                        {`msg="lease lost" lease=1`, true},
		`time=2025-11-21T12:00:00Z level=INFO msg="agent stopped"`:                                             {`msg="agent stopped"`, false},
		"error: --host: a host name may not be empty\n":                                                        {"error: --host: a host name may not be empty", true},
		`unable to retrieve container logs for containerd://0123`:                                              {"", false},
		"": {"", false},
	} {
		if says, fails := readLogLine(line); says != want.says || fails != want.fails {
			t.Errorf("%q says %q, fails %t; want %+v", line, says, fails, want)
		}
	}
}
