package printer

import (
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func pod(name, node string) *model.PodFacts {
	return &model.PodFacts{Name: name, Node: node, Ready: true}
}

func kubernetesMembers() []model.Member {
	members := fineMembers()
	for i := range members {
		name := fmt.Sprintf("etcd-%d", i)
		members[i].Name, members[i].Endpoint = name, "https://"+name+".etcd-service.etcd.svc:2379"
		members[i].Pod = pod(name, fmt.Sprintf("node-%d", i+1))
		members[i].Volume = &model.Volume{Name: "data-" + name, Capacity: new(int64(10 << 30))}
	}
	members[0].Volume.Used, members[0].Pod.Restarts = new(int64(183<<20)), 3
	members[2] = model.Member{
		Name: "etcd-2", ID: members[2].ID, Endpoint: members[2].Endpoint, Role: model.RoleUnknown, State: model.MemberDown,
		Pod:    &model.PodFacts{Name: "etcd-2", Reason: "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims"},
		Volume: &model.Volume{Name: "data-etcd-2"},
		Reason: "its pod is not ready: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims; connection refused",
	}
	return members
}

func kubernetesNodes() []model.Node {
	nodes := append(fineNodes(), model.Node{Name: "node-4"}, model.Node{Name: "node-5"})
	for i := range nodes {
		name := nodes[i].Name
		nodes[i].Kubernetes = &model.NodeFacts{Name: name, Ready: new(true), Agent: pod("monitor-agent-"+name, name)}
	}
	nodes[1].Reason, nodes[1].Kubernetes.Cordoned = "cordoned", true
	dead := func(i int, reason string) *model.NodeFacts {
		nodes[i] = model.Node{Name: nodes[i].Name, State: model.NodeDead, Reason: reason, Kubernetes: nodes[i].Kubernetes}
		return nodes[i].Kubernetes
	}
	dead(2, "node down: its kubelet does not answer (connection refused), although Kubernetes still says Ready; its lease ended").
		Kubelet = &model.Kubelet{Reason: "connection refused"}
	crashed := dead(3, "agent down: CrashLoopBackOff (restarts: 5); its lease ended")
	crashed.Agent.Ready, crashed.Agent.Reason, crashed.Agent.Restarts = false, "CrashLoopBackOff", 5
	crashed.Kubelet = &model.Kubelet{Answers: true}
	none := dead(4, "node down: not ready since 2025-11-21T03:38:00Z: Kubelet stopped posting node status; never seen")
	none.Ready, none.Reason, none.Since = new(false), "Kubelet stopped posting node status", new(observed.Add(-2*time.Minute))
	none.Agent, none.NoAgent = nil, "exceeded quota: "+hostileText
	return nodes
}
