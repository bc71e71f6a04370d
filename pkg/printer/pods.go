package printer

import (
	"strconv"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func podName(p *model.PodFacts) string {
	if p == nil {
		return ""
	}
	return p.Name
}

func podRestarts(p *model.PodFacts) string {
	if p == nil {
		return ""
	}
	return strconv.Itoa(p.Restarts)
}

func restartOrder(p *model.PodFacts) (float64, bool) {
	if p == nil {
		return 0, false
	}
	return float64(p.Restarts), true
}

// memberNode is the node that a member's pod is on.
func memberNode(m *model.Member) string {
	if m.Pod == nil {
		return ""
	}
	return m.Pod.Node
}

// volumeUse is how much of a member's volume is used, of how much there is.
func volumeUse(m *model.Member) string {
	v := m.Volume
	switch {
	case v == nil:
		return ""
	case v.Capacity == nil:
		return "unbound"
	case v.Used == nil:
		return humanSize(float64(*v.Capacity))
	}
	return humanSize(float64(*v.Used)) + "/" + humanSize(float64(*v.Capacity))
}
