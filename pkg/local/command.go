package local

import (
	"os"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The subcommands that the processes run.
const (
	memberCommand     = "etcd"
	agentCommand      = "agent"
	aggregatorCommand = "aggregator"
)

// envPrefix begins the variables that set flags. Those of the caller are not
// handed down: they would change the processes behind the record's back.
const envPrefix = "KUBECTL_MONITOR_"

// arguments is the command line of a process, without the program.
func (c *Cluster) arguments(st *state, r *record) []string {
	if r.Role == model.ProcessMember {
		return []string{
			memberCommand,
			"--name", r.Name,
			"--data-dir", c.dataPath(r.Name),
			"--client-url", r.clientURL(),
			"--peer-url", r.peerURL(),
			"--initial-cluster", st.initialCluster(),
			"--initial-cluster-token", st.Token,
			"--heartbeat-interval", st.Tuning.HeartbeatInterval.String(),
			"--election-timeout", st.Tuning.ElectionTimeout.String(),
		}
	}
	args := []string{agentCommand, "--host", r.Host}
	if r.Role == model.ProcessAggregator {
		args = []string{
			aggregatorCommand,
			"--name", r.Name,
			"--listen", loopbackAddress(r.HTTPPort),
			"--leader-ttl", st.Tuning.LeaderTTL.String(),
		}
	}
	return append(args, "--endpoints", strings.Join(st.endpoints(), ","), "--log-format", "text")
}

// environment is the caller's own, less what would set flags.
func environment() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, envPrefix) {
			env = append(env, kv)
		}
	}
	return env
}
