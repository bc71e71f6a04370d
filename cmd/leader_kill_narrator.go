//go:build !node

package cmd

import (
	"fmt"
	"io"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// narrator tells of a drill while it goes on: on standard output where its record
// is a table there, else on standard error.
type narrator struct {
	*app
	w       io.Writer
	target  string
	talk    bool // explains
	each    bool // tells every run's timeline
	part    int
	passing bool // the cursor stands in a line that is to be overwritten
}

func (a *app) narrator(o *leaderKillOptions, target string) *narrator {
	n := &narrator{app: a, w: a.Out, target: target, talk: o.talk, each: o.runs == 1}
	if format := printer.Format(o.out.format); format != printer.Table && format != printer.Wide {
		n.w = a.Err
	}
	return n
}

func (n *narrator) printf(format string, args ...any) {
	n.clear()
	fmt.Fprintf(n.w, format+"\n", args...)
}

// fleeting shows a line on a terminal until the next one.
func (n *narrator) fleeting(text string) {
	if isTerminal(n.w) {
		fmt.Fprintf(n.w, "\r\x1b[K%s", text)
		n.passing = true
	}
}

// clear removes a fleeting line.
func (n *narrator) clear() {
	if n.passing {
		fmt.Fprint(n.w, "\r\x1b[K")
		n.passing = false
	}
}

func (n *narrator) open() {
	n.printf("Target: %s", printer.Sanitize(n.target))
	if n.talk {
		n.printf(`
This ends leaders on purpose, measures how long it takes until others lead, and
then proves that nothing was lost. Ctrl-C leaves the cluster whole.`)
	}
}

// close heads the proof, which is the record.
func (n *narrator) close() {
	n.heading("The proof")
	if n.talk {
		n.printf(`
What was acknowledged, told and written all the time, compared: every
acknowledged write was read back at its revision, through every member.
`)
	}
}

func (n *narrator) heading(text string) {
	n.part++
	if n.talk {
		n.printf("\n%d. %s", n.part, text)
	} else {
		n.printf("")
	}
}

func (n *narrator) tell(news drill.News) {
	switch news := news.(type) {
	case drill.Entered:
		n.heading(map[model.DrillTarget]string{
			model.DrillEtcd: "The etcd leader", model.DrillAggregator: "The aggregators' leader",
		}[news.Target])
	case drill.Skipped:
		n.printf("Left out: %s.", news.Reason)
	case drill.Standing:
		n.standing(news)
	case drill.Line:
		n.line(news)
	case drill.Begun:
		n.begun(news)
	case drill.Marked:
		if n.each {
			n.printf("%s", printer.Mark(news.DrillMark, width(n.w)))
		}
	case drill.Ticking:
		n.ticking(news)
	case drill.Restoring:
		n.restoring(news.Run)
	case drill.Finished:
		n.finished(news)
	case drill.Observing:
		n.fleeting(fmt.Sprintf("watching the nodes for %.0f s more ...", news.Seconds))
	case drill.Restored:
		n.restored(news)
	}
}
