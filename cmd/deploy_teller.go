//go:build !node

package cmd

import (
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/deploy"
)

// standTime is how long a reason must stand before it is told in a pipe: what
// passes by itself at every start is not worth a line.
const standTime = 2 * time.Second

// deployTeller tells of a deploy while it goes on: what is done on standard output,
// what is waited for on standard error, on a terminal in a block that is
// repainted, else in a line for each change.
type deployTeller struct {
	*app
	dryRun  bool
	painted int // lines of the block
	pending map[string]*standing
}

// standing is why an object is not ready, and since when that is so.
type standing struct {
	reason string
	since  time.Time
	told   map[string]bool // this reason, and those before it: some come and go
}

func (t *deployTeller) tell(news deploy.News) {
	if _, waiting := news.(deploy.Waiting); !waiting {
		t.done()
	}
	suffix := ""
	if t.dryRun {
		suffix = " (server dry run)"
	}
	switch n := news.(type) {
	case deploy.Applied:
		fmt.Fprintln(t.Out, n.Object(), n.Outcome.String()+suffix)
	case deploy.Removed:
		fmt.Fprintln(t.Out, n.Object(), "deleted"+suffix)
	case deploy.Warned:
		t.warn("%s", n.Reason)
		if n.Hint != "" {
			t.say("  %s", n.Hint)
		}
	case deploy.UsersChanged:
		t.sayUsers(n.Changes)
	case deploy.Waiting:
		if isTerminal(t.Err) {
			t.paint(n)
		} else {
			t.append(n)
		}
	}
}

// sayUsers names a few changes, which set something right, and counts those that
// make everything.
func (t *deployTeller) sayUsers(changes []string) {
	const few = 6
	if len(changes) > few && !t.global.verbose {
		t.say("etcd: users and roles made, authentication on (%d changes; -v names them)", len(changes))
		return
	}
	for _, change := range changes {
		t.say("etcd: %s", change)
	}
}

// paint shows what is not ready in the place of what was before.
func (t *deployTeller) paint(n deploy.Waiting) {
	t.done()
	if len(n.Pending) == 0 {
		return
	}
	lines := []string{"waiting for " + n.For + ":"}
	for _, p := range n.Pending {
		lines = append(lines, "  "+p.Object+": "+p.Reason)
	}
	columns, rows := size(t.Err)
	if rows > 1 && len(lines) >= rows {
		lines = lines[:rows-1]
	}
	for _, line := range lines {
		line = sanitizeLines(line)
		if columns > 1 && len(line) >= columns {
			line = line[:columns-1]
		}
		fmt.Fprintln(t.Err, line)
	}
	t.painted = len(lines)
}

// done takes the block away.
func (t *deployTeller) done() {
	if t.painted > 0 {
		fmt.Fprintf(t.Err, "\x1b[%dA\x1b[J", t.painted)
		t.painted = 0
	}
}

// append tells what has changed.
func (t *deployTeller) append(n deploy.Waiting) {
	now := t.now()
	was := t.pending
	t.pending = make(map[string]*standing)
	for _, p := range n.Pending {
		s := was[p.Object]
		if s == nil {
			s = &standing{told: make(map[string]bool)}
		}
		if s.reason != p.Reason {
			s.reason, s.since = p.Reason, now
		}
		if !s.told[p.Reason] && now.Sub(s.since) >= standTime {
			s.told[p.Reason] = true
			t.say("waiting for %s: %s", p.Object, p.Reason)
		}
		t.pending[p.Object] = s
	}
}
