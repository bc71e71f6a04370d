package printer

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func lines(b []byte) []string { return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") }

func TestUsualContentFitsEightyColumns(t *testing.T) {
	nodes := fineNodes()
	nodes[2] = model.Node{Name: "node-3", State: model.NodeDead, Reason: "no heartbeat: its lease ended"}
	members := fineMembers()
	members[1] = troubledMembers()[1]
	records := map[string]any{
		"status":         statusOf(model.Healthy, fineMembers(), fineNodes()),
		"degraded":       statusOf(model.Degraded, members, nodes),
		"large status":   largeStatus(),
		"unknown status": unknownStatus(),
		"nodes":          nodeList(nodes),
		"members":        memberList(members),
		"leader":         leader(members, model.LeaderInfo{Name: "etcd-1", Term: 12}),
		"configs":        configList(),
		"processes":      processList(),
	}
	for name, record := range records {
		for _, line := range lines(show(t, record, Options{Width: 80})) {
			if w := twwidth.Width(line); w > 80 {
				t.Errorf("%s: %d columns: %s", name, w, line)
			}
		}
	}
}

func TestNarrowTableKeepsNamesStatesAndAges(t *testing.T) {
	for name, record := range map[string]any{"nodes": nodeList(fineNodes()), "members": memberList(fineMembers())} {
		text := string(show(t, record, Options{Width: 45}))
		for _, line := range lines([]byte(text)) {
			if w := twwidth.Width(line); w > 45 {
				t.Errorf("%s: %d columns: %s", name, w, line)
			}
		}
		if !strings.HasPrefix(text, "NAME ") || !strings.Contains(text, "STATE") || !strings.Contains(text, "not shown: ") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if text := string(show(t, nodeList(fineNodes()), Options{Width: 45, Format: Wide})); strings.Contains(text, "not shown") {
		t.Errorf("wide hides columns:\n%s", text)
	}
}

func TestWideTablesAreCutOnlyWhereThatMakesThemFit(t *testing.T) {
	members := memberList(fineMembers())
	whole := lines(show(t, members, Options{Format: Wide}))
	for width, want := range map[int]bool{twwidth.Width(whole[1]) - 1: true, 80: false} {
		out := show(t, members, Options{Format: Wide, Width: width})
		if got := bytes.Contains(out, []byte(ellipsis)); got != want {
			t.Errorf("%d columns: cut is %t, want %t:\n%s", width, got, want, out)
		}
	}
}

func TestNoLineEndsInSpaces(t *testing.T) {
	for name, record := range records() {
		for _, look := range looks() {
			for _, line := range lines(show(t, record, look.Options)) {
				if strings.HasSuffix(line, " ") {
					t.Errorf("%s, %s: %q", name, look.name, line)
				}
			}
		}
	}
}

func TestNoRowIsEverDropped(t *testing.T) {
	for _, width := range []int{0, 1, 20, 60, 80, 200} {
		for _, format := range []Format{Table, Wide} {
			out := string(show(t, troubledStatus(), Options{Format: format, Width: width}))
			for _, name := range []string{"etcd-1", "etcd-2", "etcd-3", "node-1", "node-2", "node-3", "node-4", "node-5"} {
				if !strings.Contains(out, "\n"+name+" ") {
					t.Errorf("%s, %d columns: no row for %s", format, width, name)
				}
			}
			for _, why := range []string{"connection refused", "its lease ended", "permission denied"} {
				if !strings.Contains(out, why) {
					t.Errorf("%s, %d columns: nothing says %q", format, width, why)
				}
			}
		}
	}
}

func TestPipesGetOneLinePerRow(t *testing.T) {
	out := lines(show(t, nodeList(troubledNodes()), Options{NoHeaders: true}))
	if len(out) != len(troubledNodes()) {
		t.Errorf("%d lines for %d nodes", len(out), len(troubledNodes()))
	}
}

func TestLargeStatusListsOnlyNodesThatWantALook(t *testing.T) {
	s := largeStatus()
	s.Nodes[9].ConfigRejected = true
	out := string(show(t, s, Options{}))
	for name, want := range map[string]bool{"node-6": false, "node-7": true, "node-8": true, "node-9": true} {
		if got := strings.Contains(out, "\n"+name+" "); got != want {
			t.Errorf("%s shown: %t, want %t", name, got, want)
		}
	}
	if !strings.Contains(out, "Not shown: 27 Alive") {
		t.Errorf("nothing says how many are not shown:\n%s", out)
	}
}

func TestColorOnlyAddsToWords(t *testing.T) {
	plain := show(t, troubledStatus(), Options{Width: 80})
	colored := show(t, troubledStatus(), Options{Width: 80, Color: true})
	if bytes.Equal(plain, colored) {
		t.Fatal("nothing is painted")
	}
	stripped := strings.NewReplacer(red, "", green, "", yellow, "", reset, "").Replace(string(colored))
	if stripped != string(plain) {
		t.Errorf("colour changed more than colour:\n%s", stripped)
	}
}

func TestForeignMetricsCannotFloodATable(t *testing.T) {
	n := aliveNode("node-1", 1)
	for i := range 1000 {
		n.Metrics[strings.Repeat("m", i+1)] = 1
	}
	table := nodeTable([]model.Node{n}, observed, true)
	if most := 14 + maxForeign; len(table.heads) > most {
		t.Errorf("%d columns, want at most %d", len(table.heads), most)
	}
}

func TestPrintingIsRepeatable(t *testing.T) {
	for name, record := range records() {
		first := show(t, record, Options{Width: 60})
		if again := show(t, record, Options{Width: 60}); !bytes.Equal(first, again) {
			t.Errorf("%s: printed otherwise the second time", name)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestPrintReportsWhatItCannotDo(t *testing.T) {
	if err := Print(io.Discard, 42, Options{}); err == nil {
		t.Error("printed an unknown record")
	}
	if err := Print(io.Discard, processList(), Options{Format: "xml"}); err == nil || !strings.Contains(err.Error(), "json") {
		t.Errorf("error %v does not list the formats", err)
	}
	if err := Print(fullDisk{}, processList(), Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error is %v, want that of the writer", err)
	}
}

func TestPrintTakesValuesAndPointers(t *testing.T) {
	for _, pair := range [][2]any{
		{troubledStatus(), *troubledStatus()},
		{nodeList(fineNodes()), *nodeList(fineNodes())},
		{memberList(fineMembers()), *memberList(fineMembers())},
		{leader(fineMembers(), model.LeaderInfo{}), *leader(fineMembers(), model.LeaderInfo{})},
		{configList(), *configList()},
		{processList(), *processList()},
	} {
		if a, b := show(t, pair[0], Options{}), show(t, pair[1], Options{}); !bytes.Equal(a, b) {
			t.Errorf("%T and %T print differently", pair[0], pair[1])
		}
	}
}

func BenchmarkPrintNodes10000(b *testing.B) {
	list := nodeList(manyNodes(10_000))
	for _, f := range Formats() {
		b.Run(f, func(b *testing.B) {
			for b.Loop() {
				if err := Print(io.Discard, list, Options{Format: Format(f), Width: 80}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
