//go:build node

package cmd

import "github.com/spf13/cobra"

// addLeaderKill adds nothing: a container of ours kills nobody.
func (a *app) addLeaderKill(*cobra.Command) {}
