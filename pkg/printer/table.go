package printer

import (
	"bytes"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// table is a table ready to be drawn: its cells are harmless and never empty.
type table struct {
	heads []head
	rows  [][]string
}

type head struct {
	name string
	look look
}

// write draws the table in the house look, fitted to the terminal.
func (t table) write(b *bytes.Buffer, o Options) error {
	notes := t.fit(o.Width, o.wide())
	if o.Width > 0 && !o.wide() {
		if hidden := t.hide(o.Width); hidden != "" {
			notes = append(notes, hidden)
		}
	}
	rows, unseen := t.rows, 0
	if o.Height > 0 && len(rows) > o.Height {
		rows, unseen = rows[:o.Height], len(rows)-o.Height
	}
	plain := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Padding:    tw.CellPadding{Global: tw.PaddingNone},
	}
	tbl := tablewriter.NewTable(b,
		tablewriter.WithRenderer(columns{Renderer: renderer.NewBlueprint(), b: b, heads: t.heads, color: o.Color}),
		tablewriter.WithConfig(tablewriter.Config{Header: plain, Row: plain}))
	if !o.NoHeaders {
		tbl.Header(t.names())
	}
	if err := tbl.Bulk(rows); err != nil {
		return err
	}
	if err := tbl.Render(); err != nil {
		return err
	}
	b.WriteString(strings.Repeat("\n", unseen))
	for _, n := range notes {
		b.WriteString("  " + n + "\n")
	}
	return nil
}

func (t table) names() []string {
	names := make([]string, len(t.heads))
	for i, h := range t.heads {
		names[i] = h.name
	}
	return names
}

// columns renders as kubectl does: no lines, gaps of spaces, none at the end of
// a line. It is also what makes large tables quick: tablewriter's own renderer
// takes twice as long.
type columns struct {
	tw.Renderer
	b     *bytes.Buffer
	heads []head
	color bool
}

const gap = 3 // spaces between columns

func (c columns) Header(lines [][]string, ctx tw.Formatting) {
	for _, line := range lines {
		c.line(line, ctx, false)
	}
}

func (c columns) Row(cells []string, ctx tw.Formatting) { c.line(cells, ctx, c.color) }

func (c columns) Line(tw.Formatting) {}

func (c columns) line(cells []string, ctx tw.Formatting, color bool) {
	for i, cell := range cells {
		if color && c.heads[i].look == state {
			c.b.WriteString(paint(cell))
		} else {
			c.b.WriteString(cell)
		}
		if i < len(cells)-1 {
			c.b.WriteString(strings.Repeat(" ", max(ctx.Row.Widths.Get(i)-twwidth.Width(cell), 0)+gap))
		}
	}
	c.b.WriteByte('\n')
}
