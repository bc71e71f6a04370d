package printer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestDrillIsToldAsTheGoldenFileSays(t *testing.T) {
	var got bytes.Buffer
	for _, width := range []int{0, 60, 80, 120} {
		fmt.Fprintf(&got, "=== %d columns\n", width)
		got.WriteString(Paragraph("Every acknowledged write was read back at its revision, through every member, "+hostileText+".", width))
		for _, m := range memberTimeline() {
			got.WriteString(Mark(m, width))
		}
		for _, members := range [][]model.Member{fineMembers(), troubledMembers()} {
			if err := Endpoints(&got, members, Options{Width: width}); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join("testdata", "drill-told.golden")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("differs from %s, see -update (-want +got):\n%s", path, diff)
	}
}

func TestTimelineFitsNarrowTerminals(t *testing.T) {
	for _, m := range memberTimeline() {
		for line := range strings.Lines(Mark(m, 45)) {
			if w := twwidth.Width(strings.TrimSuffix(line, "\n")); w > 45 {
				t.Errorf("%d columns: %q", w, line)
			}
		}
	}
}
