//go:build !node

package cmd

import (
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// standing tells how the members are; in the talk with a table.
func (n *narrator) standing(s drill.Standing) {
	if !n.each {
		return
	}
	n.printf("\n%s", printer.Lead(s.Leader, s.Quorum))
	if !n.talk {
		return
	}
	n.printf("")
	if err := printer.Endpoints(n.w, s.Members, printer.Options{Width: width(n.w), Color: n.colored(n.w)}); err != nil {
		n.warn("%v", err)
	}
}

// line tells who leads the aggregators.
func (n *narrator) line(l drill.Line) {
	if !n.each {
		return
	}
	names := make([]string, len(l.Standbys))
	for i, s := range l.Standbys {
		names[i] = s.Name
	}
	next := "none stands by"
	if len(names) > 0 {
		next = list(names) + " next in line"
	}
	n.printf("\n%s", printer.Sanitize(fmt.Sprintf("%s leads the aggregators in term %d; %s.", l.Leader.Name, l.Term, next)))
}

// what each method stands for.
var methodWords = map[model.DrillMethod]string{
	model.DrillKill: "SIGKILL, as in a crash",
	model.DrillTerm: "SIGTERM, as on a clean stop",
	model.DrillStop: "SIGSTOP, as in a hang",
}

func (n *narrator) begun(b drill.Begun) {
	if !n.each {
		return
	}
	if n.talk {
		n.printf(`
A probe writes and reads every 10 ms through all members, a watch follows what it
writes, and %s watched over. Now %s gets %s.`,
			counted(b.Nodes, "node is", "nodes are"), printer.Sanitize(b.Run.Name), methodWords[b.Run.Method])
	}
	n.printf("")
}

func (n *narrator) ticking(t drill.Ticking) {
	if !n.each {
		return
	}
	text := "..."
	if t.Without > 0 {
		text = fmt.Sprintf("no write acknowledged for %.0f ms", t.Without*1000)
	}
	n.fleeting(printer.Mark(model.DrillMark{Event: model.DrillEvent(text), At: t.At}, width(n.w)))
}

func (n *narrator) restoring(r *model.DrillRun) {
	if n.each {
		n.fleeting(printer.Sanitize(r.Name) + " " + restoringWords(r.Method) + " ...")
	}
}

func restoringWords(m model.DrillMethod) string {
	if m == model.DrillStop {
		return "goes on (SIGCONT)"
	}
	return "is started again"
}

// finished tells that what was ended takes part again, and of a run among many
// how it went.
func (n *narrator) finished(f drill.Finished) {
	r := f.Run
	name, next := printer.Sanitize(r.Name), printer.Sanitize(r.Successor)
	back := r.Gaps[model.GapBack] * 1000
	if !n.each {
		parts := []string{fmt.Sprintf("%s leads after %.0f ms", next, r.Gaps[model.GapLeader]*1000)}
		if s, ok := r.Gaps[model.GapWrites]; ok {
			parts = append(parts, fmt.Sprintf("no write for %.0f ms", s*1000))
		}
		if s, ok := r.Gaps[model.GapOffice]; ok {
			parts = append(parts, fmt.Sprintf("writes after %.0f ms", s*1000))
		}
		n.printf("%*d of %d  %s ended; %s", len(fmt.Sprint(f.Of)), f.Number, f.Of, name, strings.Join(parts, ", "))
		return
	}
	if r.Target == model.DrillEtcd {
		n.printf("\n%s %s, and has all that the others have after %.0f ms: its lag is 0.", name, restoringWords(r.Method), back)
		return
	}
	n.printf("\n%s %s, and stands by after %.0f ms; a write in the name of its lost\nleadership was tried.", name, restoringWords(r.Method), back)
}

func (n *narrator) restored(r drill.Restored) {
	if r.Err != nil {
		n.clear()
		n.warn("%s does not run again: %v; hint: %s local up", r.Name, r.Err, n.program)
		return
	}
	n.clear()
	n.say("cut short; %s runs again", r.Name)
}

// counted is a number of things: "1 node is", "3 nodes are".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
