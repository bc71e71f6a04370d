//go:build !node

package cmd

import (
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

func (n *narrator) open(target string) {
	n.print("Target: " + printer.Sanitize(target) + "\n")
	if n.talk {
		n.space()
		n.paragraph("This ends leaders on purpose, measures how long it takes until others lead, " +
			"and then proves that nothing was lost. Ctrl-C leaves the cluster whole.")
	}
}

// close heads the proof, which is the record.
func (n *narrator) close() {
	if n.talk {
		n.heading("The proof")
		n.space()
		n.paragraph("What was acknowledged, told and written all the time, compared. " +
			"Every acknowledged write was read back at its revision, through every member.")
	}
	n.space()
}

// standing tells how the members are; in the talk with a table.
func (n *narrator) standing(s drill.Standing) {
	n.space()
	n.paragraph(printer.Lead(s.Leader, s.Quorum))
	if !n.talk {
		return
	}
	n.space()
	n.clear()
	if err := printer.Endpoints(n.w, s.Members, printer.Options{Width: width(n.w), Color: n.colored(n.w)}); err != nil {
		n.warn("%v", err)
	}
	n.blank = false
}

// line tells who leads the aggregators.
func (n *narrator) line(l drill.Line) {
	names := make([]string, len(l.Standbys))
	for i, s := range l.Standbys {
		names[i] = s.Name
	}
	next := "none stands by"
	if len(names) > 0 {
		next = list(names) + " next in line"
	}
	n.space()
	n.paragraph(fmt.Sprintf("%s leads the aggregators in term %d; %s.", l.Leader.Name, l.Term, next))
}

// methodWords say what each method stands for.
var methodWords = map[model.DrillMethod]string{
	model.DrillKill: "SIGKILL, as in a crash",
	model.DrillTerm: "SIGTERM, as on a clean stop",
	model.DrillStop: "SIGSTOP, as in a hang",
}

func (n *narrator) begun(b drill.Begun) {
	n.space()
	if !n.talk {
		return
	}
	text := fmt.Sprintf("Now %s gets %s.", b.Run.Name, methodWords[b.Run.Method])
	if b.Run.Graceful != "" {
		text = fmt.Sprintf("Now the pod %s is deleted, which asks its processes to end and hand over: a graceful end. It gets no signal of ours: %s.",
			b.Run.Name, b.Run.Graceful)
	}
	if n.part == 1 {
		text = fmt.Sprintf("A probe writes and reads every 10 ms through all members, a watch follows what it writes, "+
			"and the heartbeats of %d nodes are watched. ", b.Nodes) + text
	}
	n.paragraph(text)
	n.space()
}

func (n *narrator) ticking(t drill.Ticking) {
	text := "..."
	if t.Without > 0 {
		text = fmt.Sprintf("no write acknowledged for %.0f ms", t.Without*1000)
	}
	n.fleeting(strings.TrimSuffix(printer.Mark(model.DrillMark{Event: model.DrillEvent(text), At: t.At}, 0), "\n"))
}

// finished tells that what was ended takes part again, and of a run among many
// how it went.
func (n *narrator) finished(f drill.Finished) {
	if !n.each {
		n.print(fmt.Sprintf("%*d of %d  %s\n", len(fmt.Sprint(f.Of)), f.Number, f.Of, printer.Sanitize(runWords(f.Run))))
		return
	}
	r := f.Run
	how, back := "was started again", r.Gaps[model.GapBack]*1000
	if r.Method == model.DrillStop {
		how = "went on"
	}
	n.space()
	if r.Target == model.DrillEtcd {
		n.paragraph(fmt.Sprintf("%s %s; after %.0f ms it had all that the others have: lag 0.", r.Name, how, back))
		return
	}
	fate := "accepted"
	if r.Refused {
		fate = "refused"
	}
	n.paragraph(fmt.Sprintf("%s %s; after %.0f ms it stood by. A write under its old token %d was tried, and %s.", r.Name, how, back, r.Token, fate))
}

// runWords sum a run up.
func runWords(r *model.DrillRun) string {
	parts := []string{fmt.Sprintf("%s leads after %.0f ms", r.Successor, r.Gaps[model.GapLeader]*1000)}
	if s, ok := r.Gaps[model.GapWrites]; ok {
		parts = append(parts, fmt.Sprintf("no write for %.0f ms", s*1000))
	}
	if s, ok := r.Gaps[model.GapOffice]; ok {
		parts = append(parts, fmt.Sprintf("writes after %.0f ms", s*1000))
	}
	return r.Name + " ended; " + strings.Join(parts, ", ")
}

// delayed tells what keeps that which was ended from running again.
func (n *narrator) delayed(d drill.Delayed) {
	if d.Why != "" {
		n.space()
		n.paragraph(fmt.Sprintf("%s is not back yet: %s.", d.Run.Name, d.Why))
	}
}

func (n *narrator) restored(r drill.Restored) {
	n.clear()
	if r.Err != nil {
		n.warn("%s does not run again: %v; %s", r.Name, r.Err, n.unmended)
		return
	}
	n.say("cut short; %s %s", r.Name, n.mended)
}
