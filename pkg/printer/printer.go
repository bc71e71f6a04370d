// Package printer is the only place that knows how records look: as tables for
// people, as JSON and YAML for programs, as names for shell pipes.
//
// It promises that whatever other machines wrote into a record cannot steer the
// terminal, that no row is ever left out because its member or node is down,
// and that the same record prints the same bytes. It computes nothing: states,
// verdicts and reasons are the gatherers' to find.
package printer

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Format is one of the values of --output.
type Format string

// The formats.
const (
	Table Format = "table"
	Wide  Format = "wide"
	JSON  Format = "json"
	YAML  Format = "yaml"
	Name  Format = "name"
)

// Formats returns the values that ParseFormat takes.
func Formats() []string {
	return []string{string(Table), string(Wide), string(JSON), string(YAML), string(Name)}
}

// ParseFormat finds a format by its name; the error lists the names.
func ParseFormat(s string) (Format, error) {
	if !slices.Contains(Formats(), s) {
		return "", fmt.Errorf("unknown output format %q; known: %s", s, strings.Join(Formats(), ", "))
	}
	return Format(s), nil
}

// Options say how to print a record. The zero value of Format is Table.
type Options struct {
	Format    Format
	NoHeaders bool // leaves out the headings of tables
	Color     bool // paints the words for states and verdicts besides
	Width     int  // columns of the terminal; 0 does not fit anything to it
	// Height is the lines of the terminal. Rows of a table that are sure to be
	// further down are left empty; 0 shows them all.
	Height int
}

func (o Options) wide() bool { return o.Format == Wide }

// form is what a record knows of its own look.
type form struct {
	text  func(*bytes.Buffer, Options) error // table and wide
	names []string                           // KIND/NAME
	data  any                                // JSON and YAML
}

// Print writes record, one of model's or a pointer to it, in one piece. The
// Errors of a list are no part of its table: whoever prints it shows them
// beside it. Status and Leader, which are prose as well, include theirs.
func Print(w io.Writer, record any, o Options) error {
	f, err := formOf(record)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	switch o.Format {
	case Table, Wide, "":
		err = f.text(&b, o)
	case JSON:
		err = writeJSON(&b, f.data)
	case YAML:
		err = writeYAML(&b, f.data)
	case Name:
		for _, name := range f.names {
			b.WriteString(Sanitize(name) + "\n")
		}
	default:
		_, err = ParseFormat(string(o.Format))
	}
	if err != nil {
		return fmt.Errorf("print %T: %w", record, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func formOf(record any) (form, error) {
	switch r := record.(type) {
	case *model.Status:
		return statusForm(r), nil
	case *model.NodeList:
		return nodesForm(r), nil
	case *model.MemberList:
		return membersForm(r), nil
	case *model.Leader:
		return leaderForm(r), nil
	case *model.ConfigList:
		return configsForm(r), nil
	case *model.ConfigHistory:
		return historyForm(r), nil
	case *model.Rollout:
		return rolloutForm(r), nil
	case *model.ProcessList:
		return processesForm(r), nil
	case *model.VersionInfo:
		return versionForm(r), nil
	case *model.TargetList:
		return targetsForm(r), nil
	case *model.EventList:
		return eventsForm(r), nil
	case model.EventList:
		return eventsForm(&r), nil
	case *model.Drill:
		return drillForm(r), nil
	case model.Drill:
		return drillForm(&r), nil
	case *model.BenchAgents:
		return benchAgentsForm(r), nil
	case model.BenchAgents:
		return benchAgentsForm(&r), nil
	case *model.BenchEtcd:
		return benchEtcdForm(r), nil
	case model.BenchEtcd:
		return benchEtcdForm(&r), nil
	case model.VersionInfo:
		return versionForm(&r), nil
	case model.TargetList:
		return targetsForm(&r), nil
	case model.Status:
		return statusForm(&r), nil
	case model.NodeList:
		return nodesForm(&r), nil
	case model.MemberList:
		return membersForm(&r), nil
	case model.Leader:
		return leaderForm(&r), nil
	case model.ConfigList:
		return configsForm(&r), nil
	case model.ConfigHistory:
		return historyForm(&r), nil
	case model.Rollout:
		return rolloutForm(&r), nil
	case model.ProcessList:
		return processesForm(&r), nil
	}
	return form{}, fmt.Errorf("print %T: no such record", record)
}
