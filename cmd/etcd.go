//go:build !node

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

// newEtcd is the hidden command that "local up" runs as a process per member.
func (a *app) newEtcd() *cobra.Command {
	o := local.NewMemberOptions()
	c := &cobra.Command{
		Use:    "etcd",
		Short:  "Run one etcd member of the local cluster",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Log = a.Err
			return local.RunMember(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Name, "name", o.Name, "the member's name")
	f.StringVar(&o.DataDir, "data-dir", o.DataDir, "the member's data directory")
	f.StringVar(&o.ClientURL, "client-url", o.ClientURL, "URL for clients")
	f.StringVar(&o.PeerURL, "peer-url", o.PeerURL, "URL for the other members")
	f.StringVar(&o.InitialCluster, "initial-cluster", o.InitialCluster, "NAME=PEER-URL of every member, by commas")
	f.StringVar(&o.InitialClusterToken, "initial-cluster-token", o.InitialClusterToken, "token of the cluster's first start")
	f.DurationVar(&o.HeartbeatInterval, "heartbeat-interval", o.HeartbeatInterval, "raft's heartbeat interval")
	f.DurationVar(&o.ElectionTimeout, "election-timeout", o.ElectionTimeout, "raft's election timeout")
	f.StringVar(&o.LogLevel, "log-level", o.LogLevel, "least level that is logged")
	return c
}
