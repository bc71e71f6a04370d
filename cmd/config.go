package cmd

import (
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

func (a *app) newConfig() *cobra.Command {
	c := group("config", "The agents' configuration")
	c.Long = `The agents' configuration: interval between heartbeats, metrics and the lease's
TTL, per host (--host) or for every host that does not say otherwise (--default).
In force is, field by field, the host's own config, else the default, else what
is built in: {"interval": 10, "metrics": ["cpu", "memory", "disk read",
"disk write", "net in", "net out"], "ttl": 5}.`
	c.AddCommand(
		a.newConfigGet(), a.newConfigApply(), a.newConfigSet(), a.newConfigEdit(), a.newConfigDelete(),
		a.newConfigDiff(), a.newConfigHistory(), a.newConfigRollback(), a.newRollout(),
	)
	return c
}

// store opens the configuration of the target.
func (a *app) store(pool *etcd.Pool) *configpush.Store {
	return &configpush.Store{Pool: pool, By: whoami(), Now: a.now}
}

// whoami names the person at the keyboard for the config log.
func whoami() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}
