//go:build node

package cmd

import "github.com/spf13/cobra"

// addBench adds nothing: a container of ours loads nobody.
func (a *app) addBench(*cobra.Command) {}
