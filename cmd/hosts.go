package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// hostFlags say whose configuration is meant.
type hostFlags struct {
	hosts []string
	def   bool
	// Of commands that take many hosts.
	all  bool
	file string
}

func (h *hostFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&h.hosts, "host", nil, "a host's own config (may be given several times)")
	f.BoolVar(&h.def, "default", false, "the config of every host that does not say otherwise")
}

// addMany adds the ways to name hosts by the hundred.
func (h *hostFlags) addMany(c *cobra.Command) {
	h.add(c)
	f := c.Flags()
	f.BoolVar(&h.all, "all", false, "the own config of every host that the cluster knows")
	f.StringVar(&h.file, "hosts-file", "", "file of host names, one a line; - for standard input")
	_ = c.MarkFlagFilename("hosts-file")
}

// any reports whether anybody is meant.
func (h *hostFlags) any() bool {
	return len(h.hosts) > 0 || h.def || h.all || h.file != ""
}

func (h *hostFlags) required() error {
	if h.any() {
		return nil
	}
	return usageError("whose config? Name hosts by --host, or say --default")
}

// one returns the only host that is meant.
func (h *hostFlags) one() (string, error) {
	names, err := h.names(nil)
	if err == nil && len(names) != 1 {
		err = usageError("whose config? Name one host by --host, or say --default")
	}
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// names returns the hosts that are named, each once, the default last.
func (h *hostFlags) names(stdin io.Reader) ([]string, error) {
	hosts := slices.Clone(h.hosts)
	for _, host := range hosts {
		if err := model.CheckHost(host); err != nil {
			return nil, usageError("--host: %w", err)
		}
	}
	listed, err := h.listed(stdin)
	if err != nil {
		return nil, err
	}
	hosts = distinct(append(hosts, listed...))
	if h.def {
		hosts = append(hosts, model.DefaultHost)
	}
	return hosts, nil
}

// listed reads the names in the file; empty lines and those that begin with #
// are passed over.
func (h *hostFlags) listed(stdin io.Reader) ([]string, error) {
	if h.file == "" {
		return nil, nil
	}
	from := stdin
	if h.file != stdinName {
		f, err := os.Open(h.file)
		if err != nil {
			return nil, usageError("read host names: %w", err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	var names []string
	var problems []error
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		name := strings.TrimSpace(lines.Text())
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if err := model.CheckHost(name); err != nil {
			problems = append(problems, fmt.Errorf("--hosts-file: line %d: %w", n, err))
		}
		names = append(names, name)
	}
	if err := errors.Join(append(problems, lines.Err())...); err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	return names, nil
}

// with adds, where all hosts are meant, those that the cluster knows by their
// heartbeat, their config or the target itself.
func (h *hostFlags) with(ctx context.Context, s *status.Source, names []string) ([]string, error) {
	if !h.all {
		return names, nil
	}
	nodes, _, err := status.Nodes(ctx, s, nil)
	if err != nil {
		return nil, fmt.Errorf("list hosts: %w", err)
	}
	var known []string
	for _, n := range nodes.Items {
		if model.CheckHost(n.Name) == nil {
			known = append(known, n.Name)
		}
	}
	return distinct(append(known, names...)), nil
}

// distinct keeps each name once, where it stands first.
func distinct(names []string) []string {
	seen := make(map[string]bool, len(names))
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		if seen[name] {
			return true
		}
		seen[name] = true
		return false
	})
}
