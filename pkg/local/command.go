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

// memberCollector makes a member's garbage be collected when its heap has grown by 400 %,
// not 100 %, unless the caller's environment says when: here members share a machine with
// their load, and collecting takes its time (ADR 20).
const memberCollector = "GOGC=400"

// environment is that of a process in a role: the caller's own, less what would set flags.
func environment(role model.ProcessRole) []string {
	var env []string
	if role == model.ProcessMember {
		env = append(env, memberCollector) // the caller's comes behind it, and counts
	}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, envPrefix) {
			env = append(env, kv)
		}
	}
	return env
}
