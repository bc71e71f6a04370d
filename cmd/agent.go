package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

const agentName = "agent"

type agentOptions struct {
	host, owner string
	log         logFlags
}

func (a *app) newAgent() *cobra.Command {
	o := agentOptions{log: newLogFlags()}
	c := &cobra.Command{
		Use:   agentName,
		Short: "Report this host, and follow its configuration",
		Long: `Sample this host and keep its heartbeat in etcd, until it is told to stop. The
configuration under the host's config key and the default one takes effect at
once. With etcd away the agent goes on sampling, and sends the newest sample when
it is back.

One agent reports a host. A later one on the same machine takes over; one on
another machine is refused.`,
		Example: `  # Report this host to a cluster
  %[1]s agent --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379
  # Under another name, with logs for a machine
  %[1]s agent --endpoints http://10.0.0.1:2379 --host db-1 --log-format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			log, err := o.log.logger(a.Err)
			if err != nil {
				return err
			}
			id, err := o.identity(c.Context())
			if err != nil {
				return err
			}
			t, err := a.target(c.Context())
			if err != nil {
				return err
			}
			client, err := etcd.New(agent.Client(t.Etcd))
			if err != nil {
				return err
			}
			defer client.Close()
			following, end := context.WithCancel(c.Context())
			var members sync.WaitGroup
			members.Go(func() { client.FollowMembers(following) })
			err = agent.New(id, client, sensor.NewSet(), log).Run(c.Context())
			end()
			members.Wait()
			if _, ok := errors.AsType[*agent.HeldError](err); ok {
				log.Error("agent gives up", "err", err)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&o.host, "host", o.host, "name of the node (default $NODE_NAME, else this host's name)")
	f.StringVar(&o.owner, "owner", o.owner, "id of the machine (default $NODE_UID, else the machine's own id)")
	o.log.add(c)
	return a.finish(c)
}

// identity finds out who the agent is, where the flags do not say.
func (o *agentOptions) identity(ctx context.Context) (agent.Identity, error) {
	id := agent.Identity{Host: o.host, Owner: o.owner, Boot: rand.Text(), Version: version}
	if id.Host == "" {
		id.Host = os.Getenv("NODE_NAME")
	}
	if id.Host == "" {
		name, err := os.Hostname()
		if err != nil {
			return id, fmt.Errorf("find this host's name, give it by --host: %w", err)
		}
		id.Host = name
	}
	id.Host = strings.ToLower(id.Host)
	if err := model.CheckHost(id.Host); err != nil {
		return id, usageError("--host: %w", err)
	}
	if id.Owner == "" {
		id.Owner = os.Getenv("NODE_UID")
	}
	if id.Owner == "" {
		machine, err := sensor.MachineID(ctx)
		if err != nil {
			return id, fmt.Errorf("find this machine's id, give it by --owner: %w", err)
		}
		id.Owner = machine
	}
	return id, nil
}
