//go:build node

package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// kubernetes is nothing in a container, which is told its endpoints.
type kubernetes struct{}

func (*kubernetes) add(*cobra.Command) {}
func (*kubernetes) typed() bool        { return false }
func (*kubernetes) chosen() bool       { return false }

func (*kubernetes) connect(context.Context) (*target.Target, error) {
	return nil, &target.NoTargetError{}
}
