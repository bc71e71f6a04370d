package printer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func leaderForm(r *model.Leader) form {
	data := *r
	data.Candidates = nonNil(r.Candidates)
	f := form{
		text: func(b *bytes.Buffer, o Options) error { return writeLeader(b, r, o) },
		data: &data,
	}
	if name := leaderName(r.Leader); name != "" {
		f.names = []string{"member/" + name}
	}
	if a := r.Aggregator.Leader; a != nil && r.Aggregator.State == model.Leads {
		f.names = append(f.names, "aggregator/"+a.Name)
	}
	return f
}

func writeLeader(b *bytes.Buffer, r *model.Leader, o Options) error {
	b.WriteString(leaderSentence(r.Leader, r.Quorum) + "\n\n")
	if err := tableOf(r.Candidates, candidateColumns(), o.wide()).write(b, o); err != nil {
		return err
	}
	if err := writeAggregators(b, &r.Aggregator, r.ObservedAt, o); err != nil {
		return err
	}
	writeErrors(b, r.Errors)
	return nil
}

func leaderSentence(l model.LeaderInfo, q model.Quorum) string {
	who := "No member leads raft"
	if name := leaderName(l); name != "" {
		who = fmt.Sprintf("%s leads raft in term %d", Cell(name), l.Term)
	}
	return fmt.Sprintf("%s; %d of %d voters up, %s.", who, q.Up, q.Voters, quorumWords(q))
}

// quorumWords says what may still fail, the quorum budget.
func quorumWords(q model.Quorum) string {
	switch {
	case q.Voters == 0:
		return "quorum unknown"
	case !q.Has():
		return fmt.Sprintf("no quorum (needs %d)", q.Needed)
	}
	return fmt.Sprintf("may lose %d", q.MayLose)
}

func leaderName(l model.LeaderInfo) string {
	if l.Name == "" {
		return l.ID
	}
	return l.Name
}

func candidateColumns() []column[model.Candidate] {
	return []column[model.Candidate]{
		{name: "NAME", look: name, cell: func(c *model.Candidate) string {
			if c.Name == "" {
				return c.ID
			}
			return c.Name
		}},
		{name: "ROLE", cell: func(c *model.Candidate) string { return roleWord(c.Role) }},
		{name: "CAN-LEAD", cell: func(c *model.Candidate) string {
			if c.Can {
				return "yes"
			}
			return "no"
		}},
		{name: "LAG", cell: func(c *model.Candidate) string {
			if c.Lag == nil {
				return unknown
			}
			return fmt.Sprint(*c.Lag)
		}},
		{name: "ID", wide: true, cell: func(c *model.Candidate) string { return c.ID }},
		{name: "REASON", look: reason, cell: func(c *model.Candidate) string { return c.Reason }},
	}
}

// writeErrors names the sources that could not be read, after all that could.
func writeErrors(b *bytes.Buffer, errs []string) {
	if len(errs) == 0 {
		return
	}
	b.WriteString("\nCould not read:\n")
	writeIndented(b, errs)
}

func writeIndented(b *bytes.Buffer, lines []string) {
	for _, line := range lines {
		b.WriteString("  " + strings.TrimSpace(Sanitize(line)) + "\n")
	}
}
