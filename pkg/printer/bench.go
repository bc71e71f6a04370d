package printer

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func benchAgentsForm(r *model.BenchAgents) form {
	data := *r
	data.Members = nonNil(r.Members)
	return form{
		text:  func(b *bytes.Buffer, _ Options) error { writeBenchAgents(b, r); return nil },
		names: []string{"bench/" + r.Run},
		data:  &data,
	}
}

func benchEtcdForm(r *model.BenchEtcd) form {
	data := *r
	data.Figures = nonNil(r.Figures)
	names := make([]string, len(r.Figures))
	for i, f := range r.Figures {
		names[i] = "figure/" + f.Name
	}
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return writeBenchEtcd(b, r, o) },
		names: names,
		data:  &data,
	}
}

// line is one of a report's two columns' lines.
type line struct{ what, value string }

func writeBenchAgents(b *bytes.Buffer, r *model.BenchAgents) {
	fmt.Fprintf(b, "Target: %s\n", orUnknown(Sanitize(r.Target)))
	fmt.Fprintf(b, "%d agents over %d connections, a heartbeat every %s\n", r.Agents.Asked, r.Connections, humanSeconds(r.Interval))
	if r.Interrupted {
		b.WriteString("It was interrupted: the figures are of what was measured until then.\n")
	}
	b.WriteByte('\n')
	writeLines(b, slices.Concat([]line{
		{"measured", fmt.Sprintf("%.0f s, after a ramp-up of %.0f s", r.Duration, r.RampUp)},
	}, heartbeatLines(r), []line{
		{"put", latencyText(r.Put)},
		{"put to view", latencyText(r.PutToView)},
		{"put to a bare watch", latencyText(r.PutToWatch)},
		{"keepalives/s", fmt.Sprintf("%.0f", r.Keepalives)},
		{"nodes falsely Dead", fmt.Sprint(r.Nodes.FalselyDead)},
		{"nodes Stale for a time", fmt.Sprint(r.Nodes.Stale)},
	}, storeLines(&r.Store), processLines(r), errorLines(r.Errors), []line{
		{"dropped from the roster", fmt.Sprint(r.Left.Forgotten)},
	}))
	for _, group := range [][]string{r.Nodes.Details, r.Left.Errors} {
		if len(group) > 0 {
			b.WriteByte('\n')
			writeIndented(b, group)
		}
	}
}

func heartbeatLines(r *model.BenchAgents) []line {
	hb := &r.Heartbeats
	late := fmt.Sprint(hb.Late)
	if hb.Count > 0 {
		late = fmt.Sprintf("%d of %d (%.2f%%)", hb.Late, hb.Count, 100*float64(hb.Late)/float64(hb.Count))
	}
	lines := []line{
		{"heartbeats/s", fmt.Sprintf("%.1f of %.1f", hb.Achieved, hb.Asked)},
		{"late", late},
		{"samples dropped", fmt.Sprint(hb.Dropped)},
		{"puts failed", fmt.Sprint(hb.Failed)},
	}
	if missing := r.Agents.Asked - r.Agents.Reported; missing > 0 {
		lines = append(lines, line{"agents without any", fmt.Sprint(missing)})
	}
	if r.Agents.Ended > 0 {
		lines = append(lines, line{"agents that gave up", fmt.Sprint(r.Agents.Ended)})
	}
	return lines
}

func storeLines(s *model.BenchStore) []line {
	size, revisions := notApplicable, notApplicable
	if s.DBSize != nil && s.DBGrowth != nil {
		size = fmt.Sprintf("%s, grown by %s", humanSize(float64(*s.DBSize)), humanSize(float64(*s.DBGrowth)))
	}
	if s.Revisions != nil {
		revisions = fmt.Sprint(*s.Revisions)
	}
	return []line{{"database", size}, {"revisions", revisions}}
}

func processLines(r *model.BenchAgents) (lines []line) {
	for _, p := range append(slices.Clone(r.Members), r.Load) {
		value := notApplicable
		if p.CPU != nil && p.Memory != nil {
			value = fmt.Sprintf("%.0f%% of a core, %s", *p.CPU, humanSize(float64(*p.Memory)))
		}
		lines = append(lines, line{p.Name, value})
	}
	return lines
}

func errorLines(errs map[string]int) (lines []line) {
	for _, reason := range slices.Sorted(maps.Keys(errs)) {
		lines = append(lines, line{"error", fmt.Sprintf("%d x %s", errs[reason], reason)})
	}
	return lines
}

func writeLines(b *bytes.Buffer, lines []line) {
	widest := 0
	for _, l := range lines {
		widest = max(widest, len(Cell(l.what)))
	}
	for _, l := range lines {
		fmt.Fprintf(b, "  %-*s   %s\n", widest, Cell(l.what), strings.TrimSpace(Cell(l.value)))
	}
}

func latencyText(l model.BenchLatency) string {
	if l.Count == 0 {
		return notApplicable
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s", fineMilliseconds(l.P50), fineMilliseconds(l.P99), fineMilliseconds(l.Max))
}

// fineMilliseconds has the digit that tells fast calls from each other.
func fineMilliseconds(seconds float64) string {
	if seconds < 0.1 {
		return fmt.Sprintf("%.1f ms", seconds*1000)
	}
	return milliseconds(seconds)
}

func writeBenchEtcd(b *bytes.Buffer, r *model.BenchEtcd, o Options) error {
	fmt.Fprintf(b, "Target: %s\n", orUnknown(Sanitize(r.Target)))
	fmt.Fprintf(b, "%d clients over %d connections, values of %d bytes", r.Clients, r.Connections, r.ValueSize)
	if r.RateLimit > 0 {
		fmt.Fprintf(b, ", at most %g calls/s", r.RateLimit)
	}
	b.WriteByte('\n')
	if r.Interrupted {
		b.WriteString("It was interrupted: the last figure is of what was measured until then.\n")
	}
	b.WriteByte('\n')
	if err := tableOf(r.Figures, figureColumns(), o.wide()).write(b, o); err != nil {
		return err
	}
	for _, f := range r.Figures {
		for _, l := range errorLines(f.Errors) {
			fmt.Fprintf(b, "  %s: %s\n", Cell(f.Name), Sanitize(l.value))
		}
	}
	writeIndented(b, r.Errors)
	return nil
}

func figureColumns() []column[model.BenchFigure] {
	took := func(name string, of func(model.BenchLatency) float64) column[model.BenchFigure] {
		return column[model.BenchFigure]{
			name: name,
			cell: func(f *model.BenchFigure) string {
				if f.Latency.Count == 0 {
					return ""
				}
				return fineMilliseconds(of(f.Latency))
			},
			order: func(f *model.BenchFigure) (float64, bool) { return of(f.Latency), f.Latency.Count > 0 },
		}
	}
	return []column[model.BenchFigure]{
		{name: "NAME", look: name, cell: func(f *model.BenchFigure) string { return f.Name }},
		{
			name: "RATE", cell: func(f *model.BenchFigure) string { return fmt.Sprintf("%.1f/s", f.Rate) },
			order: func(f *model.BenchFigure) (float64, bool) { return f.Rate, true },
		},
		took("P50", func(l model.BenchLatency) float64 { return l.P50 }),
		took("P99", func(l model.BenchLatency) float64 { return l.P99 }),
		took("MAX", func(l model.BenchLatency) float64 { return l.Max }),
		{name: "FAILED", cell: func(f *model.BenchFigure) string { return fmt.Sprint(f.Failed) }},
	}
}
