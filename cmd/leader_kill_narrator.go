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
	w    io.Writer
	talk bool // explains, in numbered parts
	each bool // tells the timeline of each run; else a line
	part int
	recovery
	// blank tells that a blank line has just been written, passing that the cursor
	// stands in a line that is to be overwritten.
	blank, passing bool
}

func (a *app) narrator(o *leaderKillOptions) *narrator {
	n := &narrator{app: a, w: a.Out, talk: o.talk, each: o.runs == 1}
	if format := printer.Format(o.out.format); format != printer.Table && format != printer.Wide {
		n.w = a.Err
	}
	return n
}

// tell tells news of the drill.
func (n *narrator) tell(news drill.News) {
	switch news := news.(type) {
	case drill.Entered:
		n.enter(news.Target)
	case drill.Skipped:
		n.space()
		n.paragraph("Left out: " + news.Reason + ".")
	case drill.Finished:
		n.finished(news)
	case drill.Observing:
		n.fleeting(fmt.Sprintf("watching the nodes for %.0f s more ...", news.Seconds))
	case drill.Delayed:
		n.delayed(news)
	case drill.Restored:
		n.restored(news)
	default:
		if n.each {
			n.follow(news)
		}
	}
}

// follow tells what happens in one run.
func (n *narrator) follow(news drill.News) {
	switch news := news.(type) {
	case drill.Standing:
		n.standing(news)
	case drill.Line:
		n.line(news)
	case drill.Begun:
		n.begun(news)
	case drill.Marked:
		n.print(printer.Mark(news.DrillMark, width(n.w)))
	case drill.Ticking:
		n.ticking(news)
	case drill.Restoring:
		n.fleeting(printer.Sanitize(news.Run.Name) + " is made to run again ...")
	}
}

// print writes text that ends a line.
func (n *narrator) print(text string) {
	n.clear()
	fmt.Fprint(n.w, text)
	n.blank = text == "\n"
}

// space sets off what follows by one blank line.
func (n *narrator) space() {
	if !n.blank {
		n.print("\n")
	}
}

func (n *narrator) paragraph(text string) { n.print(printer.Paragraph(text, width(n.w))) }

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

func (n *narrator) heading(text string) {
	n.space()
	n.part++
	n.print(fmt.Sprintf("%d. %s\n", n.part, text))
}

var partNames = map[model.DrillTarget]string{
	model.DrillEtcd: "The leader of the etcd members", model.DrillAggregator: "The leader of the aggregators",
}

func (n *narrator) enter(target model.DrillTarget) {
	if n.talk {
		n.heading(partNames[target])
	}
	n.space()
}
