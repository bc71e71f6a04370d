package cmd

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"
)

// version is stamped by the build.
var version = "dev"

// Names under which a person calls the program.
const (
	pluginName = "kubectl monitor"
	binaryName = "kubectl-monitor"
)

// goRun is where "go run" keeps what it runs: a temporary folder, or the build cache.
var goRun = regexp.MustCompile(`[/\\]go-build[/\\0-9]`)

// program is the name used in help and hints: what the user has typed. kubectl
// replaces itself by the plugin; only the shell's `_` still tells of it.
func program() string {
	if typed := filepath.Base(os.Getenv("_")); typed == "kubectl" || typed == "kubectl.exe" {
		return pluginName
	}
	switch typed := os.Args[0]; {
	case goRun.MatchString(typed):
		return "go run ."
	case filepath.Base(typed) != typed:
		return typed // by its path, so perhaps not on PATH
	}
	return binaryName
}

// app is what all commands share.
type app struct {
	Streams
	program string
	args    []string // as typed
	now     func() time.Time
	global  globalFlags

	kubernetes kubernetes
	// started is set once flags and arguments are known to be right: an error
	// before it is one of usage.
	started bool
}

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, streams Streams) int {
	a := &app{Streams: streams, program: program(), args: args, now: time.Now}
	root := a.newRoot() //nolint:contextcheck // cobra hands each command its context
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	if err != nil && !a.started {
		code = exitUsage
	}
	report(a.Err, a.program, err, code)
	return code
}

// Groups of commands in the help.
const (
	groupStart     = "start"
	groupLook      = "look"
	groupConfigure = "configure"
	groupProve     = "prove"
	groupRun       = "run"
	groupSetup     = "setup"
)

func (a *app) newRoot() *cobra.Command {
	root := asGroup(&cobra.Command{
		Use:   binaryName,
		Short: "Watch and steer the hosts of a cluster through etcd",
		Long: `Agents report every host's health into etcd, and follow their configuration
there. This is the tool to see and steer them: health tables, configuration
pushed by compare-and-swap, member and leader status.

Without Kubernetes, "local up" runs all of it on this machine.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: a.program},
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := a.loadSettings(c); err != nil {
				return err
			}
			if err := a.global.validate(c); err != nil {
				return err
			}
			a.started = true
			return nil
		},
	})
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.Flags().Bool("version", false, "print the version") // without cobra's -v
	root.SetVersionTemplate(binaryName + " {{.Version}}\n")
	root.SetFlagErrorFunc(wrongFlag)
	a.global.add(root)
	a.kubernetes.add(root)
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Get started:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
		&cobra.Group{ID: groupConfigure, Title: "Configure:"},
		&cobra.Group{ID: groupProve, Title: "Prove:"},
		&cobra.Group{ID: groupRun, Title: "Run:"},
		&cobra.Group{ID: groupSetup, Title: "Setup:"},
	)
	a.addDeploy(root)
	a.addLocal(root)
	a.add(root, groupStart, a.newTarget())
	a.add(root, groupLook, a.newStatus(), a.newNodes(), a.newMembers(), a.newLeader(), a.newEvents())
	a.add(root, groupConfigure, a.newConfig(), a.newRollout())
	a.addLeaderKill(root)
	a.addBench(root)
	a.add(root, groupRun, a.newAgent(), a.newAggregator())
	root.AddCommand(a.newSignal())
	a.add(root, groupSetup, a.newVersion(), a.newOptions())
	root.SetHelpCommandGroupID(groupSetup)
	root.SetCompletionCommandGroupID(groupSetup)
	root.SetUsageTemplate(usage(root, a.program))
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		asGroup(completion).AddCommand(a.newCompletionInstall())
	}
	checkHelpTopics(root)
	return root
}

func (a *app) add(parent *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		parent.AddCommand(c)
	}
}

// helpHint is the way from a wrong usage to the help on it.
func helpHint(c *cobra.Command) string { return pathOf(c) + "--help" }

// pathOf is what is typed for a command after the program's name, to go on from.
func pathOf(c *cobra.Command) string {
	path := ""
	for ; c.HasParent(); c = c.Parent() {
		path = c.Name() + " " + path
	}
	return path
}
