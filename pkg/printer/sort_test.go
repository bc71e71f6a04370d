package printer

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func nodeOrder(nodes []model.Node) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return strings.Join(names, " ")
}

func TestSortOrdersByValueAndPutsMissingLast(t *testing.T) {
	nodes := []model.Node{
		{Name: "a", State: model.NodeStale, Age: new(9.0), Metrics: map[string]float64{"disk read": 2, "gpu": 1}},
		{Name: "b", State: model.NodeDead},
		{Name: "c", State: model.NodeAlive, Age: new(100.0), Metrics: map[string]float64{"disk read": 10}},
		{Name: "d", State: model.NodeAlive, Age: new(9.0), Metrics: map[string]float64{"disk read": 1}},
	}
	for by, want := range map[string]string{
		"name": "a b c d", "-name": "d c b a", "state": "c d b a",
		"age": "a d c b", "-age": "c a d b",
		"disk-r": "d a c b", "-disk-r": "c a d b", "disk read": "d a c b",
		"gpu": "a b c d", "net-in": "a b c d", "reason": "a b c d",
	} {
		list := nodeList(slices.Clone(nodes))
		if err := Sort(list, by); err != nil {
			t.Errorf("%s: %v", by, err)
		}
		if got := nodeOrder(list.Items); got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
}

func TestSortWorksForEveryList(t *testing.T) {
	for _, list := range []any{*memberList(troubledMembers()), *configList(), *processList(), *nodeList(nil)} {
		if err := Sort(list, "-name"); err != nil {
			t.Error(err)
		}
	}
	members := memberList(troubledMembers())
	if err := Sort(*members, "-lag"); err != nil || members.Items[2].Name != "etcd-2" {
		t.Errorf("error %v, and %s is last", err, members.Items[2].Name)
	}
}

func TestSortByAnUnknownColumnListsThem(t *testing.T) {
	err := Sort(processList(), "colour")
	if err == nil || !strings.Contains(err.Error(), `"colour"`) || !strings.Contains(err.Error(), "name, role, state, pid") {
		t.Errorf("error is %v", err)
	}
	if err := Sort(troubledStatus(), "name"); err == nil {
		t.Error("sorted a status")
	}
}
