package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/roster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// forgettable refuses nodes that report, and says which ones there is nothing to
// forget of.
func (a *app) forgettable(ctx context.Context, s *status.Source, records []roster.Record) error {
	var reporting, unknown []string
	hint := ""
	for i := range records {
		switch r := &records[i]; {
		case r.Reports:
			reporting = append(reporting, r.Host)
		case r.Revision == 0:
			unknown = append(unknown, r.Host)
			if r.Config {
				hint = "config delete " + owner(r.Host)
			}
		}
	}
	switch {
	case len(reporting) > 0:
		return &exitError{code: exitRefused, err: a.stillThere(ctx, s, reporting)}
	case len(unknown) > 0:
		return &exitError{code: exitFailure, err: fmt.Errorf("find nodes in the roster: %w: %s", errNotFound, list(unknown)), hint: hint}
	}
	return nil
}

// stillThere says of nodes that report how they are, and what to do first.
func (a *app) stillThere(ctx context.Context, s *status.Source, hosts []string) error {
	nodes, gone, err := status.Nodes(ctx, s, hosts)
	if err != nil {
		return err
	}
	var reasons []string
	for _, n := range nodes.Items {
		switch n.State {
		case model.NodeDead:
			gone = append(gone, n.Name)
		case model.NodeInvalid:
			reasons = append(reasons, fmt.Sprintf("%s is %s: delete the key %q first", n.Name, n.State, keys.Heartbeat(n.Name)))
		default:
			reasons = append(reasons, fmt.Sprintf("%s is %s: stop its agent first", n.Name, n.State))
		}
	}
	for _, host := range gone {
		reasons = append(reasons, host+" has stopped reporting just now: try again")
	}
	return errors.New("nothing forgotten: " + strings.Join(reasons, "; "))
}

// describe says what is remembered of nodes.
func describe(w io.Writer, records []roster.Record) {
	for i := range records {
		r := &records[i]
		if r.Entry == nil {
			fmt.Fprintf(w, "%s: an entry that cannot be read\n", r.Host)
			continue
		}
		why := ""
		if r.Entry.Why != "" {
			why = " (" + r.Entry.Why + ")"
		}
		fmt.Fprintln(w, sanitizeLines(fmt.Sprintf("%s: %s since %s%s, known since %s", r.Host,
			r.Entry.State, r.Entry.Since.UTC().Format(time.RFC3339), why, r.Entry.First.UTC().Format(time.RFC3339))))
	}
}

// sayExpected says what else names a node that is forgotten.
func (a *app) sayExpected(s *status.Source, r *roster.Record) {
	if r.Config {
		a.say("node %s is still expected: it has a config, which \"%s config delete %s\" removes", r.Host, a.program, owner(r.Host))
	}
	if slices.Contains(s.Hosts, r.Host) {
		a.say("node %s is still expected: the target lists it, %s", r.Host, s.Name)
	}
}
