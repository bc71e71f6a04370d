package printer

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// aggregatorSentence says who leads the aggregators, in one line, and for how long
// as of a time, unless that is zero; nothing where there are none.
func aggregatorSentence(a *model.AggregatorLeader, observed time.Time) string {
	who := ""
	if a.Leader != nil {
		who = Cell(a.Leader.Name)
	}
	switch a.State {
	case model.LeaderNone:
		return "none leads"
	case model.LeadershipUnseen:
		if who == "" {
			return "unknown whether one leads"
		}
		return who + " led when last seen"
	case model.Leads:
	default:
		return ""
	}
	s := who + " leads"
	if a.Term > 0 {
		s += fmt.Sprintf(" term %d", a.Term)
	}
	if a.Since != nil && !observed.IsZero() {
		s += " for " + humanAge(observed.Sub(*a.Since).Seconds())
	}
	switch n := len(a.Standbys); n {
	case 0:
		return s + ", no standby"
	case 1:
		return s + ", 1 standby"
	default:
		return fmt.Sprintf("%s, %d standbys", s, n)
	}
}

// writeAggregators shows the line of the aggregators, and their changes of leader.
func writeAggregators(b *bytes.Buffer, a *model.AggregatorLeader, observed time.Time, o Options) error {
	sentence := aggregatorSentence(a, observed)
	if sentence == "" {
		return nil
	}
	b.WriteString("\nAggregators: " + sentence + ".\n")
	if rows := replicas(a); len(rows) > 0 {
		b.WriteByte('\n')
		if err := tableOf(rows, replicaColumns(), o.wide()).write(b, o); err != nil {
			return err
		}
	}
	if len(a.Changes) == 0 {
		return nil
	}
	b.WriteString("\nChanges of leader, the newest first:\n\n")
	return tableOf(a.Changes, changeColumns(observed), o.wide()).write(b, o)
}

// replicaRow is an aggregator and its part.
type replicaRow struct {
	model.Aggregator
	role string
}

func replicas(a *model.AggregatorLeader) []replicaRow {
	var rows []replicaRow
	if a.Leader != nil {
		rows = append(rows, replicaRow{*a.Leader, string(model.RoleLeader)})
	}
	for _, s := range a.Standbys {
		rows = append(rows, replicaRow{s, "standby"})
	}
	return rows
}

func replicaColumns() []column[replicaRow] {
	return []column[replicaRow]{
		{name: "NAME", look: name, cell: func(r *replicaRow) string { return r.Name }},
		{name: "ROLE", cell: func(r *replicaRow) string { return r.role }},
		{name: "ADDRESS", look: text, cell: func(r *replicaRow) string { return r.Address }},
		{name: "VERSION", look: text, cell: func(r *replicaRow) string { return r.Version }},
		{name: "INSTANCE", look: text, wide: true, cell: func(r *replicaRow) string { return r.Instance }},
	}
}

// changeColumns end with the age of each change as of a time, or, where that is
// zero, with its own time.
func changeColumns(observed time.Time) []column[model.Event] {
	columns := []column[model.Event]{
		{name: "LEADER", look: name, cell: func(e *model.Event) string { return e.Leader }},
		{name: "AFTER", look: text, cell: func(e *model.Event) string { return e.Previous }},
		{name: "CAUSE", cell: func(e *model.Event) string { return string(e.Cause) }},
		{name: "WITHOUT", cell: func(e *model.Event) string {
			if e.Without == nil {
				return ""
			}
			return humanGap(*e.Without)
		}},
		{name: "TERM", cell: func(e *model.Event) string { return strconv.FormatInt(e.Term, 10) }},
		{name: "TIME", wide: true, cell: timed(func(at time.Time) string { return at.UTC().Format(time.RFC3339) })},
		{name: "AGE", cell: timed(func(at time.Time) string { return humanAge(observed.Sub(at).Seconds()) })},
	}
	if observed.IsZero() {
		columns = columns[:len(columns)-1]
		columns[len(columns)-1].wide = false
	}
	return columns
}

// humanGap shows seconds in which nobody led: 42ms, 5.1s.
func humanGap(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0fms", seconds*1000)
	}
	return fmt.Sprintf("%.1fs", seconds)
}
