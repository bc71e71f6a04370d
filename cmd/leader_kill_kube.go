//go:build !node

package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/signaler"
)

// forwardLatency is how late an answer through a port-forward may come.
const forwardLatency = 200 * time.Millisecond

// kubeStage makes a cluster in Kubernetes ready for a drill.
func (a *app) kubeStage(ctx context.Context, cluster *kube.Cluster, o *leaderKillOptions) (*stage, error) {
	bounded, cancel := a.bounded(ctx)
	defer cancel()
	timeout, err := cluster.ElectionTimeout(bounded)
	if err != nil {
		return nil, err
	}
	leaders := cluster.Leaders(o.image)
	return &stage{
		Config: drill.Config{
			Cluster: leaders, ElectionTimeout: timeout, Holder: fmt.Sprintf("%s %s by %s", leaderKillName, o.name, whoami()),
			Latency: forwardLatency, Return: a.global.timeout + kube.BackOffLimit,
		},
		asks: true, release: leaders.Close,
		recovery: recovery{
			"goes on, or the kubelet starts it again",
			fmt.Sprintf("if it is paused it goes on by itself, in %v at the latest", signaler.HangLimit),
		},
	}, nil
}
