//go:build !node

package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/bench"
)

const (
	// tickEvery is how often a load is told of where there is no line to repaint.
	tickEvery = 5 * time.Second
	barWidth  = 20
)

// benchTicker tells how a load goes on: in one line that is repainted on a
// terminal, in a line now and then elsewhere.
type benchTicker struct {
	*app
	passing bool
	phase   bench.Phase
	figure  string
	last    time.Time
}

func (t *benchTicker) tell(p bench.Progress) {
	text := tickText(&p)
	if isTerminal(t.Err) {
		if w := width(t.Err); w > 1 && len(text) >= w {
			text = text[:w-1]
		}
		fmt.Fprintf(t.Err, "\r\x1b[K%s", text)
		t.passing = true
		return
	}
	if now := t.now(); p.Phase != t.phase || p.Figure != t.figure || now.Sub(t.last) >= tickEvery {
		t.phase, t.figure, t.last = p.Phase, p.Figure, now
		t.say("%s", text)
	}
}

// clear removes the line that is repainted.
func (t *benchTicker) clear() {
	if t.passing {
		fmt.Fprint(t.Err, "\r\x1b[K")
	}
}

func tickText(p *bench.Progress) string {
	full := 0
	if p.Total > 0 {
		full = min(barWidth, barWidth*p.Done/p.Total)
	}
	unit := map[bench.Phase]string{bench.Starting: "agents", bench.Measuring: "s", bench.Removing: "agents"}[p.Phase]
	what := strings.TrimSpace(string(p.Phase) + " " + p.Figure)
	text := fmt.Sprintf("%s [%s%s] %d/%d %s", what, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.Done, p.Total, unit)
	if r := p.Soon; r != nil {
		text += fmt.Sprintf("  %.0f/s  put %.0f ms  view %.0f ms  late %d  dropped %d  dead %d",
			r.Heartbeats.Achieved, r.Put.P99*1000, r.PutToView.P99*1000, r.Heartbeats.Late, r.Heartbeats.Dropped, r.Nodes.FalselyDead)
	}
	return text
}
