package printer

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func drillForm(r *model.Drill) form {
	data := *r
	data.Runs, data.Gaps, data.Proof = nonNil(r.Runs), nonNil(r.Gaps), nonNil(r.Proof)
	names := make([]string, len(r.Runs))
	for i, run := range r.Runs {
		names[i] = drillNoun(run.Target) + "/" + run.Name
	}
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return writeDrill(b, r, o) },
		names: names,
		data:  &data,
	}
}

// drillNoun is what a target's leader is one of.
func drillNoun(t model.DrillTarget) string {
	if t == model.DrillEtcd {
		return "member"
	}
	return string(t)
}

// writeDrill sums several runs up; the timeline of a single one has been told.
func writeDrill(b *bytes.Buffer, r *model.Drill, o Options) error {
	several := slices.ContainsFunc(r.Gaps, func(s model.DrillStatistic) bool { return s.Runs > 1 })
	if several {
		if r.ElectionTimeout > 0 {
			fmt.Fprintf(b, "Election timeout of etcd: %s\n", milliseconds(r.ElectionTimeout))
		}
		if err := tableOf(r.Gaps, statisticColumns(), o.wide()).write(b, o); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	writeGraceful(b, r.Runs, o.Width)
	writeProof(b, r.Proof)
	return nil
}

// writeGraceful says which runs were no crash and no hang, and why.
func writeGraceful(b *bytes.Buffer, runs []model.DrillRun, width int) {
	times, why := 0, ""
	for i := range runs {
		if runs[i].Graceful != "" {
			times++
			why = runs[i].Graceful
		}
	}
	if times > 0 {
		text := fmt.Sprintf("Graceful: in %d of %d runs the leader's pod was deleted, and it handed over first: %s.", times, len(runs), why)
		b.WriteString(Paragraph(text, width) + "\n")
	}
}

func statisticColumns() []column[model.DrillStatistic] {
	time := func(name string, of func(*model.DrillStatistic) float64) column[model.DrillStatistic] {
		return column[model.DrillStatistic]{
			name: name, cell: func(s *model.DrillStatistic) string { return milliseconds(of(s)) },
			order: func(s *model.DrillStatistic) (float64, bool) { return of(s), true },
		}
	}
	return []column[model.DrillStatistic]{
		{name: "GAP", look: name, cell: func(s *model.DrillStatistic) string { return string(s.Gap) }},
		{name: "TARGET", cell: func(s *model.DrillStatistic) string { return string(s.Target) }},
		{name: "RUNS", cell: func(s *model.DrillStatistic) string { return fmt.Sprint(s.Runs) }},
		time("P50", func(s *model.DrillStatistic) float64 { return s.P50 }),
		time("P99", func(s *model.DrillStatistic) float64 { return s.P99 }),
		time("MAX", func(s *model.DrillStatistic) float64 { return s.Max }),
	}
}

// writeProof says of each promise how often it was looked at, and how often it
// did not hold: "acknowledged writes   1284   lost 0".
func writeProof(b *bytes.Buffer, proof []model.DrillPromise) {
	var digits, words int
	for _, p := range proof {
		digits = max(digits, len(fmt.Sprint(p.Checked)))
		words = max(words, len(p.Of))
	}
	for _, p := range proof {
		fmt.Fprintf(b, "  %-*s   %*d   %s %d\n", words, Sanitize(p.Of), digits, p.Checked, Sanitize(p.Fault), p.Broken)
		for _, detail := range p.Details {
			b.WriteString("      " + Sanitize(detail) + "\n")
		}
		if hidden := p.Broken - len(p.Details); hidden > 0 && len(p.Details) > 0 {
			fmt.Fprintf(b, "      and %d more\n", hidden)
		}
	}
}

func milliseconds(seconds float64) string { return fmt.Sprintf("%.0f ms", seconds*1000) }

// Widths of a timeline's columns: times of some minutes, and the longest event.
const (
	markTime  = len("+100000 ms")
	markEvent = len(model.MarkFirstWrite)
	markGap   = 3
)

// Mark is one line of a timeline: the time since the signal, the event, and what
// there is to say of it. What does not fit into width columns goes to a line of
// its own; 0 fits nothing.
func Mark(m model.DrillMark, width int) string {
	at := "0 ms"
	if ms := math.Round(m.At * 1000); ms != 0 {
		at = fmt.Sprintf("%+.0f ms", ms)
	}
	between := strings.Repeat(" ", markGap)
	line := fmt.Sprintf("%*s%s%-*s", markTime, at, between, markEvent, m.Event)
	detail := strings.TrimSpace(Cell(m.Detail))
	switch {
	case detail == "":
		return strings.TrimRight(line, " ") + "\n"
	case width > 0 && twwidth.Width(line+between+detail) > width:
		indent := strings.Repeat(" ", markTime+2*markGap)
		return strings.TrimRight(line, " ") + "\n" + shorten(indent+detail, width) + "\n"
	}
	return line + between + detail + "\n"
}

// Lead is the sentence on who leads raft, and what may still fail.
func Lead(l model.LeaderInfo, q model.Quorum) string { return leaderSentence(l, q) }

// Endpoints writes the members as etcdctl's endpoint status does, with a row for
// each member that does not answer too.
func Endpoints(w io.Writer, members []model.Member, o Options) error {
	var b bytes.Buffer
	if err := tableOf(members, endpointColumns(), true).write(&b, o); err != nil {
		return fmt.Errorf("print members: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func endpointColumns() []column[model.Member] {
	flag := func(name string, of func(*model.Member) bool) column[model.Member] {
		return column[model.Member]{name: name, cell: func(m *model.Member) string {
			if !m.Answered() {
				return ""
			}
			return fmt.Sprint(of(m))
		}}
	}
	return []column[model.Member]{
		{name: "NAME", look: name, cell: memberName},
		{name: "ENDPOINT", cell: func(m *model.Member) string {
			_, address, found := strings.Cut(m.Endpoint, "://")
			if !found {
				return m.Endpoint
			}
			return address
		}},
		{name: "ID", cell: func(m *model.Member) string { return m.ID }},
		{name: "VERSION", cell: func(m *model.Member) string { return m.Version }},
		size("DB-SIZE", func(m *model.Member) *int64 { return m.DBSize }),
		flag("LEADER", func(m *model.Member) bool { return m.Role == model.RoleLeader }),
		flag("LEARNER", func(m *model.Member) bool { return m.IsLearner }),
		count("TERM", false, func(m *model.Member) *uint64 { return m.RaftTerm }),
		count("INDEX", false, func(m *model.Member) *uint64 { return m.RaftIndex }),
		count("APPLIED", false, func(m *model.Member) *uint64 { return m.RaftApplied }),
		{name: "ERRORS", look: reason, cell: memberReason},
	}
}
