//go:build !node && (linux || darwin)

package local

import (
	"testing"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// What a dead agent has left in etcd does not count as its successor's heartbeat.
func TestOldHeartbeatOfARestartedAgentDoesNotCount(t *testing.T) {
	t.Parallel()
	const since = 7
	alive := `{"status":"alive","ts":1763690000.1}`
	for name, tt := range map[string]struct {
		value    string
		revision int64
		started  bool
		counts   bool
	}{
		"ran already":              {alive, since, false, true},
		"started, left over":       {alive, since, true, false},
		"started, its own":         {alive, since + 1, true, true},
		"ran already, but leaving": {`{"status":"leaving","ts":1763690000.1}`, since, false, false},
		"not a heartbeat":          {`junk`, since + 1, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := new(state)
			st.addAgents(1)
			l := launched{since: since}
			if tt.started {
				l.records = st.agents()
			}
			resp := &clientv3.GetResponse{Kvs: []*mvccpb.KeyValue{{
				Key: []byte(keys.Heartbeat("node-1")), Value: []byte(tt.value), ModRevision: tt.revision,
			}}}
			if got := len(silent(st.agents(), l, resp)) == 0; got != tt.counts {
				t.Errorf("counts: %v, want %v", got, tt.counts)
			}
		})
	}
}
