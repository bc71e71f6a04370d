package printer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// maxNodes is how many nodes a status lists; of more it lists those that want
// a look.
const maxNodes = 20

func statusForm(r *model.Status) form {
	data := *r
	data.Members = nonNil(r.Members)
	data.Nodes = finite(nonNil(r.Nodes))
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return writeStatus(b, r, o) },
		names: append(memberNames(r.Members), nodeNames(r.Nodes)...),
		data:  &data,
	}
}

func writeStatus(b *bytes.Buffer, r *model.Status, o Options) error {
	fmt.Fprintf(b, "Target: %s\n", orUnknown(Sanitize(r.Target)))
	verdict := orUnknown(Cell(string(r.Verdict)))
	if o.Color {
		verdict = paint(verdict)
	}
	between := "; "
	if o.Width > 0 && len(string(r.Verdict)+memberSummary(r)+nodeSummary(r.Counts))+len(": ; ") > o.Width {
		between = "\n  "
	}
	fmt.Fprintf(b, "%s: %s%s%s\n", verdict, memberSummary(r), between, nodeSummary(r.Counts))
	if sentence := aggregatorSentence(&r.Aggregator, r.ObservedAt); sentence != "" {
		fmt.Fprintf(b, "Aggregators: %s\n", sentence)
	}
	writeIndented(b, r.Reasons)

	b.WriteByte('\n')
	if err := memberTable(r.Members, o.wide()).write(b, o); err != nil {
		return err
	}
	b.WriteByte('\n')
	if err := writeStatusNodes(b, r, o); err != nil {
		return err
	}
	writeErrors(b, r.Errors)
	return nil
}

func writeStatusNodes(b *bytes.Buffer, r *model.Status, o Options) error {
	shown := r.Nodes
	if len(r.Nodes) > maxNodes {
		shown = notable(r.Nodes)
		fmt.Fprintf(b, "Nodes: %s\n", stateCounts(r.Nodes))
	}
	if len(shown) > 0 || len(r.Nodes) == 0 {
		if err := nodeTable(shown, r.ObservedAt, o.wide()).write(b, o); err != nil {
			return err
		}
	}
	if hidden := len(r.Nodes) - len(shown); hidden > 0 {
		fmt.Fprintf(b, "Not shown: %d Alive; the nodes command lists all.\n", hidden)
	}
	return nil
}

// notable returns the nodes that are not simply fine.
func notable(nodes []model.Node) (some []model.Node) {
	for _, n := range nodes {
		if n.State != model.NodeAlive || n.ConfigRejected {
			some = append(some, n)
		}
	}
	return some
}

func memberSummary(r *model.Status) string {
	up := 0
	for i := range r.Members {
		if r.Members[i].Answered() {
			up++
		}
	}
	leader := "no leader"
	if name := leaderName(r.Leader); name != "" {
		leader = fmt.Sprintf("%s leads term %d", Cell(name), r.Leader.Term)
	}
	return fmt.Sprintf("members up %d/%d, %s, %s", up, len(r.Members), leader, quorumWords(r.Quorum))
}

// nodeSummary leaves out the nodes that left in good order: nobody expects them.
func nodeSummary(c model.NodeCounts) string {
	expected := c.Total - c.Left
	if c.Unknown > 0 {
		return fmt.Sprintf("nodes unknown %d/%d", c.Unknown, expected)
	}
	return fmt.Sprintf("nodes alive %d/%d", c.Alive, expected)
}

func stateCounts(nodes []model.Node) string {
	counts := make(map[model.NodeState]int)
	for i := range nodes {
		counts[nodes[i].State]++
	}
	var parts []string
	for _, s := range model.NodeStates() {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

func orUnknown(s string) string {
	if s == "" {
		return unknown
	}
	return s
}
