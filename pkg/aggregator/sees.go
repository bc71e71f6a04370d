package aggregator

import (
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

type sees struct{ *status.Live }

func (s sees) Node(name string) (model.Node, bool) {
	nodes := s.Nodes().Items
	i := slices.IndexFunc(nodes, func(n model.Node) bool { return n.Name == name })
	if i < 0 {
		return model.Node{}, false
	}
	return nodes[i], true
}
func (s sees) Lost() error                        { return nil }
func (s sees) Aggregator() model.AggregatorLeader { return model.AggregatorLeader{} }
