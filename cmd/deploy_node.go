//go:build node

package cmd

import "github.com/spf13/cobra"

// addDeploy adds nothing: a container of ours deploys nothing.
func (a *app) addDeploy(*cobra.Command) {}
