//go:build node

package cmd

import "github.com/spf13/cobra"

// addLocal adds nothing: the node build has neither the etcd server nor the
// commands that need it.
func (a *app) addLocal(*cobra.Command) {}
