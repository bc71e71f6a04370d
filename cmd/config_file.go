package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// fileFlags say which file to push, and to whom.
type fileFlags struct {
	hosts      hostFlags
	file       string
	ifRevision int64
}

const (
	anyRevision = -1
	stdinName   = "-" // as a file's name
)

func (p *fileFlags) add(c *cobra.Command) {
	p.hosts.addMany(c)
	f := c.Flags()
	f.StringVarP(&p.file, "file", "f", "", "file with the config, JSON or YAML; - for standard input")
	f.Int64Var(&p.ifRevision, "if-revision", anyRevision, "only if the stored config is of this revision; 0 for none stored")
	f.Lookup("if-revision").DefValue = "0" // "whichever is found"
	_ = c.MarkFlagFilename("file", "json", "yaml", "yml")
}

func (p *fileFlags) readsStdin() bool {
	return p.file == stdinName || p.hosts.file == stdinName
}

// input is what a file asks for, before it is known which hosts there are.
type input struct {
	*fileFlags
	entries []configpush.Entry
	name    string   // of the file
	names   []string // of the hosts that the flags name
}

// read reads the file and the flags, and refuses what can be refused without
// looking at the cluster.
func (p *fileFlags) read(a *app) (*input, error) {
	if p.ifRevision < anyRevision {
		return nil, usageError("--if-revision must be 0 or more, not %d", p.ifRevision)
	}
	if p.file == stdinName && p.hosts.file == stdinName {
		return nil, usageError("the config and the host names cannot both come from standard input")
	}
	names, err := p.hosts.names(a.In)
	if err != nil {
		return nil, err
	}
	data, name, err := p.open(a.In)
	if err != nil {
		return nil, err
	}
	doc, err := configpush.ParseDocument(data, name)
	if err != nil {
		return nil, err
	}
	for _, w := range doc.Warnings {
		a.warn("%s: %s", name, w)
	}
	in := &input{fileFlags: p, entries: doc.Entries, name: name, names: names}
	return in, in.check()
}

// check refuses a file and flags that do not go together.
func (in *input) check() error {
	targets := len(in.names)
	for _, e := range in.entries {
		switch {
		case e.Host != "" && in.hosts.any():
			return usageError("%s names its hosts itself: leave out --host, --hosts-file, --all and --default", in.name)
		case e.Host == "" && !in.hosts.any():
			return usageError("%s is one plain config: say whose it is by --host or --default", in.name)
		case e.Host != "":
			targets++
		}
	}
	if in.ifRevision != anyRevision && (targets != 1 || in.hosts.all) {
		return usageError("--if-revision goes with one host: give each its revision in a list file")
	}
	return nil
}

// wanted says what every host's config should become.
func (in *input) wanted(ctx context.Context, s *status.Source) ([]configpush.Wanted, error) {
	names, err := in.hosts.with(ctx, s, in.names)
	if err != nil {
		return nil, err
	}
	var wanted []configpush.Wanted
	for _, e := range in.entries {
		w := configpush.Wanted{Host: e.Host, JSON: e.JSON, Base: e.Revision, Delete: e.Delete}
		if in.ifRevision != anyRevision {
			w.Base = &in.ifRevision
		}
		if e.Host != "" {
			wanted = append(wanted, w)
			continue
		}
		for _, host := range names {
			w.Host = host
			wanted = append(wanted, w)
		}
	}
	return wanted, nil
}

// open reads the file, and no more of it than a config may have.
func (p *fileFlags) open(stdin io.Reader) (data []byte, name string, err error) {
	if p.file == "" {
		return nil, "", &exitError{code: exitUsage, err: errors.New("which config? Give a file by -f FILE, or - for standard input")}
	}
	from, name := stdin, "standard input"
	if p.file != stdinName {
		name = p.file
		f, err := os.Open(p.file)
		if err != nil {
			return nil, name, usageError("read config: %w", err)
		}
		defer func() { _ = f.Close() }()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, name, usageError("read config: %s is a directory", name)
		}
		from = f
	}
	data, err = io.ReadAll(io.LimitReader(from, maxFile+1))
	if err != nil {
		return nil, name, fmt.Errorf("read config: %w", err)
	}
	return data, name, nil
}

// maxFile is as much as is read: the parser refuses what is longer.
const maxFile = model.MaxConfigSize
