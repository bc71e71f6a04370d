package cmd

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func (a *app) newVersion() *cobra.Command {
	return a.finish(&cobra.Command{
		Use:     "version",
		Short:   "Print the version of this program",
		Example: `  %[1]s version`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "%s %s (%s, %s/%s)\n", binaryName, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	})
}
