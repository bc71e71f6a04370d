package status

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// nodeReason is why a node is as it is: first what Kubernetes knows, then what the
// view has said.
func nodeReason(n *model.Node) string {
	k := n.Kubernetes
	var parts []string
	switch n.State {
	case model.NodeAlive, model.NodeInvalid:
		parts = append(parts, n.Reason, notReady(k, "Kubernetes says"))
	case model.NodeUnknown:
		parts = append(parts, cmp.Or(silence(k), allIsWell(k)), n.Reason)
	default:
		cause := silence(k)
		if cause == "" && k.Agent != nil {
			cause = "its agent's pod is ready"
		}
		parts = append(parts, cause, n.Reason)
	}
	if k.Cordoned {
		// What the view said stays last: the printer adds since when it is so.
		at := len(parts) - 1
		if n.State == model.NodeAlive {
			at = len(parts)
		}
		parts = append(parts[:at:at], append([]string{"cordoned"}, parts[at:]...)...)
	}
	return sentence(parts...)
}

// silence is why no heartbeat comes from a node, or empty where Kubernetes sees
// nothing wrong with it.
func silence(k *model.NodeFacts) string {
	asked := k.Kubelet != nil
	switch {
	case asked && !k.Kubelet.Answers && k.Ready != nil && *k.Ready:
		return fmt.Sprintf("node down: its kubelet does not answer (%s), although Kubernetes still says Ready", k.Kubelet.Reason)
	case k.Ready != nil && !*k.Ready && (!asked || !k.Kubelet.Answers):
		return notReady(k, "node down:")
	case asked && !k.Kubelet.Answers:
		return fmt.Sprintf("node down: its kubelet does not answer (%s)", k.Kubelet.Reason)
	}
	return sentence(notReady(k, "node"), agentSilence(k))
}

// allIsWell says what Kubernetes knows to be as it should.
func allIsWell(k *model.NodeFacts) string {
	switch {
	case k.Ready != nil && k.Agent != nil:
		return "in Kubernetes node and agent are ready"
	case k.Ready != nil:
		return "in Kubernetes the node is ready"
	case k.Agent != nil:
		return "in Kubernetes the agent is ready"
	}
	return ""
}

// agentSilence is why no heartbeat comes from an agent whose node lives.
func agentSilence(k *model.NodeFacts) string {
	switch {
	case k.Agent == nil && k.NoAgent == "":
		return "" // the pods could not be read
	case k.Agent == nil:
		return "no agent pod: " + k.NoAgent
	case !k.Agent.Ready:
		return "agent down: " + cmp.Or(k.Agent.Reason, "its pod is not ready") + restarts(k.Agent) + lastWords(k.Kubelet)
	case k.Kubelet == nil:
		return ""
	case k.Kubelet.AgentFails:
		return "agent cannot reach etcd: " + k.Kubelet.AgentSays
	}
	return "its agent runs, and no heartbeat arrives" + lastWords(k.Kubelet)
}

func lastWords(k *model.Kubelet) string {
	if k == nil || k.AgentSays == "" {
		return ""
	}
	return "; it said last: " + k.AgentSays
}

// notReady says that a node is not ready, or what it suffers from although it is.
func notReady(k *model.NodeFacts, intro string) string {
	switch {
	case k.Ready == nil || *k.Ready && k.Reason == "":
		return ""
	case *k.Ready:
		return k.Reason
	}
	since := ""
	if k.Since != nil {
		since = " since " + k.Since.Format(time.RFC3339)
	}
	return strings.TrimSuffix(fmt.Sprintf("%s not ready%s: %s", intro, since, k.Reason), ": ")
}

// memberReason is why a member is as it is, with what Kubernetes knows of its pod.
func memberReason(m *model.Member, noPod string) string {
	switch {
	case m.Pod == nil && noPod != "":
		return "no pod: " + noPod // whatever came of dialling it
	case m.Pod == nil:
		return m.Reason
	case !m.Pod.Ready:
		return sentence("its pod is not ready: "+m.Pod.Reason+restarts(m.Pod), m.Reason)
	case m.State == model.MemberDown:
		return sentence(m.Reason, "its pod is ready")
	}
	return m.Reason
}

// aggregatorReasons are why the pods that could lead are not ready.
func (t *truth) aggregatorReasons() string {
	if t == nil {
		return ""
	}
	var parts []string
	for i := range t.Aggregators {
		if p := &t.Aggregators[i]; !p.Ready {
			parts = append(parts, fmt.Sprintf("pod %s is not ready: %s%s", p.Name, p.Reason, restarts(p)))
		}
	}
	return sentence(parts...)
}

func restarts(p *model.PodFacts) string {
	if p.Restarts == 0 {
		return ""
	}
	return fmt.Sprintf(" (restarts: %d)", p.Restarts)
}

// sentence joins what is there.
func sentence(parts ...string) string {
	there := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, "; ")
}
