package status_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// witness tells what it is told to tell.
type witness struct {
	mu       sync.Mutex
	facts    model.Facts
	kubelets map[string]model.Kubelet
	denied   error
	asked    []string // nodes whose kubelets were asked last
	calls    int      // of Facts
}

func (w *witness) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

func (w *witness) tell(f model.Facts) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.facts = f
}

func (w *witness) Facts(context.Context) *model.Facts {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	return new(w.facts)
}

func (w *witness) MemberFacts(context.Context) ([]model.MemberFacts, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.facts.Members, w.facts.Errors
}

func (w *witness) Kubelets(_ context.Context, nodes []model.NodeFacts) (map[string]model.Kubelet, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = nil
	for _, n := range nodes {
		w.asked = append(w.asked, n.Name)
	}
	slices.Sort(w.asked)
	return w.kubelets, w.denied
}

// hush makes a node's kubelet silent.
func (w *witness) hush(name, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kubelets = map[string]model.Kubelet{name: {Reason: why}}
}

func readyNode(name string) model.NodeFacts {
	return model.NodeFacts{Name: name, Ready: new(true), Agent: &model.PodFacts{Name: "agent-on-" + name, Node: name, Ready: true}}
}

func TestOneLookJoinsWhatEtcdAndKubernetesKnow(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	put(t, c.Client(), map[string]string{
		keys.Heartbeat("a"): beat(t), keys.Roster("gone"): `{"state":"Dead"}`, keys.Heartbeat("elsewhere"): beat(t),
	})
	w := &witness{
		facts: model.Facts{
			AllNodes: true, Nodes: []model.NodeFacts{readyNode("a"), readyNode("b")},
			Members: []model.MemberFacts{{Name: "etcd-1", Pod: &model.PodFacts{Name: "etcd-1", Ready: true}}},
			Errors:  []string{"you may not list claims"},
		},
		kubelets: map[string]model.Kubelet{"b": {Reason: "connection refused"}},
		denied:   errors.New("you may not get pods/log"),
	}
	s := sourceOf(c)
	s.Facts = w

	st := status.Gather(t.Context(), s)
	if diff := cmp.Diff([]string{"a Alive", "b Dead", "elsewhere Alive", "gone Left"}, stateLines(st.Nodes)); diff != "" {
		t.Fatalf("nodes (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(st.Nodes[1].Reason, "node down: ") || st.Nodes[1].Kubernetes.Kubelet == nil || st.Nodes[0].Kubernetes.Kubelet != nil {
		t.Errorf("the dead node is %+v, the one that is alive %+v", st.Nodes[1], st.Nodes[0])
	}
	if diff := cmp.Diff([]string{"b"}, w.asked); diff != "" {
		t.Errorf("kubelets that were asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"you may not list claims", "why nodes are silent: you may not get pods/log"}, st.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if st.Members[0].Pod == nil || st.Verdict != model.Degraded {
		t.Errorf("%s, member %+v", st.Verdict, st.Members[0])
	}
	if list := status.Members(t.Context(), s); list.Items[0].Pod == nil || !slices.Equal(list.Errors, w.facts.Errors) {
		t.Errorf("the members' list is %+v", list)
	}

	c.Members[0].Stop()
	w.asked = nil
	st = status.Gather(t.Context(), s)
	if diff := cmp.Diff([]string{"a Unknown", "b Unknown"}, stateLines(st.Nodes)); diff != "" || st.Verdict != model.Unknown {
		t.Errorf("without etcd: %s, nodes (-want +got):\n%s", st.Verdict, diff)
	}
	if want := "in Kubernetes node and agent are ready; no member answers"; st.Nodes[0].Reason != want || w.asked != nil {
		t.Errorf("without etcd a node's reason is %q, want %q; kubelets asked: %q", st.Nodes[0].Reason, want, w.asked)
	}
	if m := st.Members[0]; m.Reason != "connection refused; its pod is ready" {
		t.Errorf("without etcd the member is %+v", m)
	}
}

func TestLiveFollowsWhatKubernetesKnows(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	put(t, c.Client(), map[string]string{keys.Heartbeat("a"): beat(t), keys.Roster("a"): `{"state":"Alive"}`})
	w := &witness{
		facts: model.Facts{AllNodes: true, Nodes: []model.NodeFacts{readyNode("a"), readyNode("b")}},
	}
	s := sourceOf(c)
	s.Facts = w
	live := runLiveOf(t, s)
	shows := func(want ...string) func() bool {
		return func() bool { return slices.Equal(stateLines(live.Nodes().Items), want) }
	}
	reason := func(name string) string { n, _ := live.Node(name); return n.Reason }
	liveUntil(t, live, "the nodes that Kubernetes names", shows("a Alive", "b Dead"))

	// A heartbeat that ends is not waited out until Kubernetes is asked again. That
	// may come between, once in a while.
	early := false
	for round := range 5 {
		put(t, c.Client(), map[string]string{keys.Heartbeat("a"): beat(t)})
		liveUntil(t, live, "a is back", shows("a Alive", "b Dead"))
		if n, _ := live.Node("a"); n.Kubernetes.Kubelet != nil {
			t.Errorf("of a node that is back the kubelet's silence is still told: %+v", n.Kubernetes)
		}
		silence := fmt.Sprintf("round %d", round)
		w.hush("a", silence)
		before := w.times()
		if _, err := c.Client().Delete(t.Context(), keys.Heartbeat("a")); err != nil {
			t.Fatal(err)
		}
		liveUntil(t, live, "the reason why a died", func() bool { return strings.Contains(reason("a"), silence) })
		early = early || w.times() == before
	}
	if !early {
		t.Error("kubelets are asked only when Kubernetes is")
	}

	// That the API server is gone makes no row disappear.
	w.tell(model.Facts{Errors: []string{"reach the API server"}})
	liveUntil(t, live, "the error", func() bool { return slices.Equal(live.Status().Errors, []string{"reach the API server"}) })
	if !shows("a Dead", "b Dead")() {
		t.Errorf("while the API server is away: %q", stateLines(live.Nodes().Items))
	}

	live.TakeChanges()
	w.tell(model.Facts{AllNodes: true, Nodes: []model.NodeFacts{readyNode("c")}})
	liveUntil(t, live, "that a has left, b is forgotten and c is new", shows("a Left", "c Dead"))
	if diff := cmp.Diff([]string{"a Left", "b Left", "c Dead"}, sorted(stateLines(live.TakeChanges()))); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func sorted(lines []string) []string {
	slices.Sort(lines)
	return slices.Compact(lines)
}
