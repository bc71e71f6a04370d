package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newOptions lists the flags that every command takes, so that each command's
// help can leave them out.
func (a *app) newOptions() *cobra.Command {
	return a.finish(&cobra.Command{
		Use:   "options",
		Short: "List the flags that every command takes",
		Long: `List the flags that every command takes, and the settings.

A setting is the default of a flag: a variable of the environment, as
KUBECTL_MONITOR_ENDPOINTS, or a line of the config file,
~/.config/kubectl-monitor/config.yaml. A flag goes before the environment, and
that before the file. A certificate is looked for from the working directory, one
in the config file from where that file is.`,
		Example: `  %[1]s options`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(a.Out, "Flags that every command takes:\n\n%s\nSettings, as variables %s_… or in %s:\n\n  %s\n",
				c.Root().PersistentFlags().FlagUsages(), envPrefix, configFile(), strings.Join(settable, ", "))
			return err
		},
	})
}

// globalFlagsHelp is what cobra's usage says of inherited flags.
const globalFlagsHelp = `{{if .HasAvailableInheritedFlags}}

Global Flags:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}`

// usage is cobra's template, with a word on the global flags in place of all of
// them.
func usage(root *cobra.Command, program string) string {
	return strings.Replace(root.UsageTemplate(), globalFlagsHelp, `{{if .HasAvailableInheritedFlags}}

Use "`+program+` options" for the flags that every command takes.{{end}}`, 1)
}
