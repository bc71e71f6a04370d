package view

import (
	"fmt"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Turned tells of just the nodes whose rows show another state than before,
// whatever has changed it.
func TestTurnedTellsWhatTimeHasChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, silence := range []int{60, 5, 5} {
		w.put(fmt.Sprintf("node-%d", i), fmt.Sprintf(`{"status":"alive","ts":%d,"silence":%d}`, epoch.Unix(), silence))
	}
	known := make(map[string]model.NodeState)
	check := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, n := range w.Turned(known) {
			if row := w.row(n.Name); row.State != n.State || row.Reason != n.Reason {
				t.Errorf("%s: %s is told %s (%s), and shown %s (%s)", what, n.Name, n.State, n.Reason, row.State, row.Reason)
			}
			got = append(got, n.Name)
			known[n.Name] = n.State
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: told of %v, want %v", what, got, want)
		}
	}
	check("at first", "node-0", "node-1", "node-2")
	check("at once again")
	w.pass(6 * time.Second)
	check("after their silence", "node-1", "node-2")
	w.Lost("cut off")
	check("the store is lost", "node-0", "node-1", "node-2")
	check("and still is")
}
