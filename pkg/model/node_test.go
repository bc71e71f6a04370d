package model

import (
	"slices"
	"testing"
)

func TestCountNodesCountsEveryNodeOnceByState(t *testing.T) {
	var nodes []Node
	for i, state := range []NodeState{NodeAlive, NodeStale, NodeDead, NodeLeft, NodeInvalid, NodeUnknown} {
		for range i + 1 {
			nodes = append(nodes, Node{State: state})
		}
	}
	nodes[0].ConfigRejected, nodes[5].ConfigRejected = true, true
	want := NodeCounts{Total: 21, Alive: 1, Stale: 2, Dead: 3, Left: 4, Invalid: 5, Unknown: 6, Rejected: 2}
	if got := CountNodes(nodes); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := CountNodes(nil); got != (NodeCounts{}) {
		t.Errorf("of none: %+v", got)
	}
}

func TestStaleDeadAndInvalidDegrade(t *testing.T) {
	var degrading []NodeState
	for _, s := range NodeStates() {
		if s.Degraded() {
			degrading = append(degrading, s)
		}
	}
	if want := []NodeState{NodeInvalid, NodeStale, NodeDead}; !slices.Equal(degrading, want) {
		t.Errorf("%v degrade, want %v", degrading, want)
	}
	for _, s := range []NodeState{NodeAlive, NodeStale, NodeDead, NodeLeft, NodeInvalid, NodeUnknown} {
		if !slices.Contains(NodeStates(), s) {
			t.Errorf("%s is not listed", s)
		}
	}
}
