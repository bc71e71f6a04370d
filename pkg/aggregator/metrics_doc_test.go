package aggregator

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const (
	metricsDoc  = "../../docs/metrics.md"
	docBegins   = "-run TestMetricsAreDocumented -update -->\n"
	docEnds     = "<!-- /metrics -->"
	docHeadings = "| metric | type | labels | unit | what it tells |\n|---|---|---|---|---|\n"
)

// TestMetricsAreDocumented compares docs/metrics.md with what a scrape says of
// itself; with -update it writes it anew.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	families, err := everything(t).metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString(docHeadings)
	for _, f := range families { // sorted by name
		if !strings.HasPrefix(f.GetName(), namespace) {
			continue
		}
		var labels []string
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if name := "`" + l.GetName() + "`"; !slices.Contains(labels, name) {
					labels = append(labels, name)
				}
			}
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", f.GetName(),
			strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), unit(f.GetName()), f.GetHelp())
	}
	doc, err := os.ReadFile(metricsDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := bytes.Cut(bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n")), []byte(docBegins))
	written, after, ends := bytes.Cut(rest, []byte(docEnds))
	if !begins || !ends {
		t.Fatalf("%s has no place for the metrics", metricsDoc)
	}
	if *update {
		doc = slices.Concat(before, []byte(docBegins), []byte(table.String()), []byte(docEnds), after)
		if err := os.WriteFile(metricsDoc, doc, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table.String(), string(written)); diff != "" {
		t.Errorf("%s is not what a scrape says, run this test with -update (-scrape +file):\n%s", metricsDoc, diff)
	}
}

// unit is what the end of a metric's name says.
func unit(name string) string {
	for _, u := range []struct{ end, words string }{
		{"_bytes_per_second", "bytes per second"},
		{"_bytes", "bytes"},
		{"_seconds", "seconds"},
		{"_ratio", "0 to 1"},
		{"_revision", "revision of etcd"},
		{"_entries", "raft entries"},
	} {
		if strings.HasSuffix(name, u.end) {
			return u.words
		}
	}
	return ""
}
