package printer

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func nodesForm(r *model.NodeList) form {
	data := *r
	data.Items = finite(nonNil(r.Items))
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return nodeTable(r.Items, r.ObservedAt, o.wide()).write(b, o) },
		names: nodeNames(r.Items),
		data:  &data,
	}
}

func nodeNames(nodes []model.Node) []string {
	names := make([]string, len(nodes))
	for i := range nodes {
		names[i] = "node/" + nodes[i].Name
	}
	return names
}

func nodeTable(nodes []model.Node, observed time.Time, wide bool) table {
	known, foreign := reportedMetrics(nodes)
	if wide {
		known = append(known, foreign...)
	}
	return tableOf(nodes, nodeColumns(known, observed), wide)
}

// nodeColumns say for how long a node has been gone as of a time. Where that is
// zero they do not: rows that are not drawn anew hold no such ages.
func nodeColumns(metrics []string, observed time.Time) []column[model.Node] {
	columns := []column[model.Node]{
		{name: "NAME", look: name, cell: func(n *model.Node) string { return n.Name }},
		{name: "STATE", look: state, cell: func(n *model.Node) string { return string(n.State) }},
	}
	for _, name := range metrics {
		columns = append(columns, metricColumn(name))
	}
	return append(columns,
		column[model.Node]{name: "INTERVAL", wide: true, order: positive(func(n *model.Node) float64 { return n.Interval }),
			cell: func(n *model.Node) string { return settingSeconds(n.Interval) }},
		column[model.Node]{name: "TTL", wide: true, order: positive(func(n *model.Node) float64 { return float64(n.TTL) }),
			cell: func(n *model.Node) string { return settingSeconds(float64(n.TTL)) }},
		column[model.Node]{name: "CONFIG", wide: true, cell: configRevisions,
			order: positive(func(n *model.Node) float64 { return float64(n.ConfigRevision) })},
		column[model.Node]{name: "VERSION", wide: true, look: text, cell: func(n *model.Node) string { return n.Version }},
		column[model.Node]{name: "OWNER", wide: true, look: text, cell: func(n *model.Node) string { return n.Owner }},
		column[model.Node]{name: "POD", wide: true, rare: true, look: text, cell: func(n *model.Node) string { return podName(agentPod(n)) }},
		column[model.Node]{name: "RESTARTS", wide: true, rare: true, cell: func(n *model.Node) string { return podRestarts(agentPod(n)) },
			order: func(n *model.Node) (float64, bool) { return restartOrder(agentPod(n)) }},
		column[model.Node]{name: "AGE", cell: nodeAge, order: nodeAgeOrder},
		column[model.Node]{name: "REASON", look: reason, cell: func(n *model.Node) string { return nodeReason(n, observed) }},
	)
}

func metricColumn(name string) column[model.Node] {
	return column[model.Node]{
		name:  metricHeading(name),
		alias: name,
		cell: func(n *model.Node) string {
			if v, ok := n.Metrics[name]; ok {
				return humanMetric(name, v)
			}
			if _, ok := n.Errors[name]; ok {
				return failed
			}
			return ""
		},
		order: func(n *model.Node) (float64, bool) { v, ok := n.Metrics[name]; return v, ok },
	}
}

// metricHeading makes one upper-case word of a metric's name.
func metricHeading(name string) string {
	switch name {
	case model.MetricDiskRead:
		return "DISK-R"
	case model.MetricDiskWrite:
		return "DISK-W"
	}
	return shorten(strings.ToUpper(strings.Join(strings.Fields(Cell(name)), "-")), maxHeading)
}

// What agents of other makers can add to a table.
const (
	maxForeign = 16 // columns
	maxHeading = 24 // terminal columns of a heading
)

// reportedMetrics returns the metrics that any of the nodes reports or failed
// to measure: those that we know in their order, the others by name.
func reportedMetrics(nodes []model.Node) (known, foreign []string) {
	seen := make(map[string]bool)
	for i := range nodes {
		for name := range nodes[i].Metrics {
			seen[name] = true
		}
		for name := range nodes[i].Errors {
			seen[name] = true
		}
	}
	for _, name := range model.MetricNames() {
		if seen[name] {
			known = append(known, name)
			delete(seen, name)
		}
	}
	foreign = slices.Sorted(maps.Keys(seen))
	return known, foreign[:min(len(foreign), maxForeign)]
}

// sortableMetrics also has the metrics that no node happens to report now.
func sortableMetrics(nodes []model.Node) []string {
	_, foreign := reportedMetrics(nodes)
	return append(model.MetricNames(), foreign...)
}

func configRevisions(n *model.Node) string {
	if n.ConfigRevision == 0 && n.WantedRevision == 0 {
		return ""
	}
	return strconv.FormatInt(n.ConfigRevision, 10) + "/" + strconv.FormatInt(n.WantedRevision, 10)
}

func agentPod(n *model.Node) *model.PodFacts {
	if n.Kubernetes == nil {
		return nil
	}
	return n.Kubernetes.Agent
}

func nodeAge(n *model.Node) string {
	if n.Age == nil {
		return ""
	}
	return humanAge(*n.Age)
}

func nodeAgeOrder(n *model.Node) (float64, bool) {
	if n.Age == nil {
		return 0, false
	}
	return *n.Age, true
}

// nodeReason gathers why a node's row looks as it does.
func nodeReason(n *model.Node, observed time.Time) string {
	var parts []string
	if n.Reason != "" {
		parts = append(parts, n.Reason+gone(n, observed))
	}
	if n.LastState != "" {
		parts = append(parts, "last known "+string(n.LastState))
	}
	if n.ConfigError != "" && !strings.Contains(n.Reason, n.ConfigError) {
		parts = append(parts, "config: "+n.ConfigError)
	} else if n.ConfigRejected && n.Reason == "" {
		parts = append(parts, "config rejected")
	}
	for _, name := range slices.Sorted(maps.Keys(n.Errors)) {
		parts = append(parts, fmt.Sprintf("%s: %s", name, n.Errors[name]))
	}
	return strings.Join(parts, "; ")
}

// gone says since when a node is no longer there, which its reason tells.
func gone(n *model.Node, observed time.Time) string {
	if n.Since == nil || observed.IsZero() || n.State != model.NodeDead && n.State != model.NodeLeft {
		return ""
	}
	return " " + humanAge(max(0, observed.Sub(*n.Since).Seconds())) + " ago" // clocks differ
}

func settingSeconds(s float64) string {
	if s <= 0 {
		return ""
	}
	return humanSeconds(s)
}

// positive sorts by a number for which 0 means that it is not given.
func positive[T any](number func(*T) float64) func(*T) (float64, bool) {
	return func(v *T) (float64, bool) { n := number(v); return n, n > 0 }
}
