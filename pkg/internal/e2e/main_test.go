//go:build e2e

package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// What the tests are told.
var (
	// program is the binary, by an absolute path. Its folder is on PATH, so that
	// kubectl finds the plugin.
	program = os.Getenv("E2E_PROGRAM")
	// image is ours, present on every node.
	image = cmp.Or(os.Getenv("E2E_IMAGE"), "kubectl-monitor:e2e")
	// nodes is a command that ends nodes: `$nodes crash|revive|cut|mend N`. Without it
	// the tests that need it are skipped.
	nodes = os.Getenv("E2E_NODES")
)

// Where the suite deploys to. The names are the defaults, as in the docs.
const (
	namespace      = "etcd"
	agentNamespace = "monitor"
)

func TestMain(m *testing.M) {
	if os.Getenv("KUBECONFIG") == "" || !filepath.IsAbs(program) {
		fmt.Fprintln(os.Stderr, "e2e: KUBECONFIG names no cluster, or E2E_PROGRAM no binary: run `make e2e`")
		os.Exit(2)
	}
	home, err := os.MkdirTemp("", "e2e-home-")
	if err == nil {
		err = errors.Join(
			os.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH")),
			// A laptop with nothing but a kubeconfig: no settings, no current target.
			os.Setenv("XDG_STATE_HOME", filepath.Join(home, "state")),
			os.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config")),
		)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(2)
	}
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}
