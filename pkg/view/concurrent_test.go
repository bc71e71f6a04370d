package view

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// One feeds, many read: the race detector looks on, and every reader sees whole
// rows only. Each heartbeat carries its number in every place.
func TestReadersSeeWholeRowsWhileTheViewIsFed(t *testing.T) {
	const rounds, readers, nodes = 100, 4, 10
	v := New(time.Now)
	fed := make(chan struct{})
	var done sync.WaitGroup
	for range readers {
		done.Go(func() {
			for {
				checkWhole(t, v.Nodes())
				if n, ok := v.Node("node-0"); ok {
					checkWhole(t, []model.Node{n})
				}
				select {
				case <-fed:
					return
				default:
				}
			}
		})
	}
	for i := range int64(rounds) {
		for k := range nodes {
			name := fmt.Sprintf("node-%d", k)
			value := fmt.Appendf(nil, `{"status":"alive","ts":%d,"ttl":%d,"config_rev":%d,"interval":%d,"metrics":{"n":%d}}`, i+1, i+1, i+1, i+1, i+1)
			v.PutHeartbeat(name, nil, Heartbeat{Value: value, Leased: true, Listed: i%7 == 0})
			if i%5 == 0 {
				v.PutConfig(name, nil, []byte(`{"interval":1}`), i)
				v.DeleteHeartbeat(name)
			}
			if i%11 == 0 {
				v.DeleteConfig(name, i)
			}
		}
		v.PutConfig(model.DefaultHost, nil, []byte(`{"ttl":9}`), i)
		v.Expect([]string{"node-0", "node-1"})
		v.Lost("gone")
		v.Found()
	}
	close(fed)
	done.Wait()
}

func checkWhole(t *testing.T, rows []model.Node) {
	t.Helper()
	if !slices.IsSortedFunc(rows, func(a, b model.Node) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("rows are not sorted")
	}
	for _, n := range rows {
		if n.LastHeartbeat == nil {
			continue
		}
		i := n.LastHeartbeat.Unix()
		if n.TTL != i || n.ConfigRevision != i || n.Interval != float64(i) || n.Metrics != nil && n.Metrics["n"] != float64(i) {
			t.Errorf("heartbeat %d and others in one row: %+v", i, n)
		}
	}
}

func TestRowsAreTheCallersOwn(t *testing.T) {
	w := newWorld(t)
	w.put("a", w.alive(0, promised25))
	rows := w.Nodes()
	rows[0].Name, rows[0].State, *rows[0].Age = "changed", model.NodeDead, 9
	w.want("a", model.NodeAlive, "")
	w.wantAge("a", 0)
	w.pass(26 * time.Second)
	before := w.Nodes()
	w.put("a", w.alive(0, promised25))
	if before[0].State != model.NodeStale {
		t.Errorf("a row that was returned has changed to %s", before[0].State)
	}
}
