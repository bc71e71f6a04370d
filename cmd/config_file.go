package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// pushFlags say what to push, and to whom.
type pushFlags struct {
	hosts      hostFlags
	file       string
	ifRevision int64
}

const anyRevision = -1

func (p *pushFlags) add(c *cobra.Command) {
	p.hosts.add(c)
	f := c.Flags()
	f.StringVarP(&p.file, "file", "f", "", "file with the config, JSON or YAML; - for standard input")
	f.Int64Var(&p.ifRevision, "if-revision", anyRevision, "only if the stored config is of this revision; 0 for none stored")
	f.Lookup("if-revision").DefValue = "0" // "whichever is found"
	_ = c.MarkFlagFilename("file", "json", "yaml", "yml")
}

// wanted reads the file and says what every host's config should become.
func (p *pushFlags) wanted(a *app) ([]configpush.Wanted, error) {
	names, err := p.hosts.names()
	if err != nil {
		return nil, err
	}
	if p.ifRevision < anyRevision {
		return nil, usageError("--if-revision must be 0 or more, not %d", p.ifRevision)
	}
	data, name, err := p.read(a.In)
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
	wanted, err := p.assign(doc, name, names)
	if err != nil {
		return nil, err
	}
	if p.ifRevision != anyRevision {
		if len(wanted) != 1 {
			return nil, usageError("--if-revision goes with one host, not with %d: give each its revision in a list file", len(wanted))
		}
		wanted[0].Base = &p.ifRevision
	}
	return wanted, nil
}

// assign tells which entry of the document is for which host.
func (p *pushFlags) assign(doc *configpush.Document, name string, names []string) ([]configpush.Wanted, error) {
	var wanted []configpush.Wanted
	for _, e := range doc.Entries {
		w := configpush.Wanted{Host: e.Host, JSON: e.JSON, Base: e.Revision, Delete: e.Delete}
		if e.Host != "" {
			if len(names) > 0 {
				return nil, usageError("%s names its hosts itself: leave out --host and --default", name)
			}
			wanted = append(wanted, w)
			continue
		}
		if len(names) == 0 {
			return nil, usageError("%s is one plain config: say whose it is by --host or --default", name)
		}
		for _, host := range names {
			w.Host = host
			wanted = append(wanted, w)
		}
	}
	if len(wanted) == 0 {
		return nil, usageError("%s has no items", name)
	}
	return wanted, nil
}

// read reads the file, and no more of it than a config may have.
func (p *pushFlags) read(stdin io.Reader) (data []byte, name string, err error) {
	if p.file == "" {
		return nil, "", &exitError{code: exitUsage, err: errors.New("which config? Give a file by -f FILE, or - for standard input")}
	}
	from, name := stdin, "standard input"
	if p.file != "-" {
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
