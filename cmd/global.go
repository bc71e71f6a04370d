package cmd

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// globalFlags say which cluster a command talks to, and how it talks to the user.
type globalFlags struct {
	endpoints         []string
	discovery         string
	cacert, cert, key string
	local             bool
	timeout           time.Duration
	color             string
	verbose           bool
}

const defaultTimeout = 30 * time.Second

var colors = []string{"auto", "always", "never"}

func (g *globalFlags) add(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringSliceVar(&g.endpoints, "endpoints", nil, "client URLs of etcd members, by commas")
	f.StringVar(&g.discovery, "discovery-srv", "", "domain whose SRV records name the members")
	f.StringVar(&g.cacert, "cacert", "", "CA that the members' certificates are checked against (file)")
	f.StringVar(&g.cert, "cert", "", "client certificate (file)")
	f.StringVar(&g.key, "key", "", "client certificate's key (file)")
	f.BoolVar(&g.local, "local", false, "talk to the local cluster")
	f.DurationVar(&g.timeout, "timeout", defaultTimeout, "give up after this long")
	f.StringVar(&g.color, "color", "auto", "colour the output: auto, always or never")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "say which calls are made, and how long each took")
	f.SortFlags = false
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colors, cobra.ShellCompDirectiveNoFileComp))
}

func (g *globalFlags) validate(c *cobra.Command) error {
	if len(g.endpoints) == 0 && c.Flags().Changed("endpoints") {
		return usageError("--endpoints is empty") // as $UNSET is: the current target is not meant
	}
	if !slices.Contains(colors, g.color) {
		return usageError("--color must be auto, always or never, not %q", g.color)
	}
	if g.timeout <= 0 {
		return usageError("--timeout must be more than 0, not %v", g.timeout)
	}
	return nil
}

// bounded gives a command its deadline.
func (a *app) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, a.global.timeout)
}

// colored decides whether to colour what goes to stream.
func (a *app) colored(stream any) bool {
	switch a.global.color {
	case "always":
		return true
	case "never":
		return false
	}
	if v := os.Getenv("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(stream)
}
