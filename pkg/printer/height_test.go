package printer_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/printer"
)

// A screen looks the same whether the rows that it cuts were drawn or not, and
// says of as many lines that they are not shown.
func TestRowsBelowTheTerminalNeedNotBeDrawn(t *testing.T) {
	t.Parallel()
	const width, height = 80, 24
	var nodes []model.Node
	for i := range 300 {
		nodes = append(nodes, model.Node{Name: fmt.Sprintf("node-%03d", i), State: model.NodeAlive})
	}
	nodes[250].State, nodes[250].Reason = model.NodeDead, "a reason that is so long that it moves out of the table and stands as a note under it"
	draw := func(o printer.Options) (frame, shown string) {
		var text, terminal bytes.Buffer
		if err := printer.Print(&text, &model.NodeList{Items: nodes}, o); err != nil {
			t.Fatal(err)
		}
		screen, err := printer.NewScreen(&terminal)
		if err != nil {
			t.Fatal(err)
		}
		if err := screen.Draw(text.Bytes(), width, height); err != nil {
			t.Fatal(err)
		}
		return text.String(), terminal.String()
	}
	all, want := draw(printer.Options{Width: width})
	part, got := draw(printer.Options{Width: width, Height: height})
	if got != want {
		t.Errorf("with the height given:\n%q\nwithout:\n%q", got, want)
	}
	if len(part) > len(all)/2 {
		t.Errorf("%d of %d bytes are drawn of what is a twelfth visible", len(part), len(all))
	}
}
