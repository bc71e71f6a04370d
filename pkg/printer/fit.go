package printer

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// expendable lists what a narrow terminal does without, the least needed first.
var expendable = []string{
	"LEARNER", "ID", "APPLIED", "INDEX",
	"QUOTA", "IN-USE", "LOAD1", "DISK-USED", "NET-OUT", "NET-IN", "DISK-W", "DISK-R", "VERSION", "DB-SIZE", "LAG", "TERM", "PID", "MEMORY",
}

const (
	// maxCell is the longest cell in runes: no legal host name is longer, so
	// that only what nobody should have written is cut.
	maxCell = 253
	// minText and minName are what is left of a text and of a name, in columns,
	// before the table is let grow wider than the terminal. A name keeps the
	// length of a DNS label: it is what the reader copies.
	minText = 12
	minName = 63

	ellipsis = "…"
)

// fit makes a table that is wider than the terminal narrower. Reasons move out
// to notes under the table, one for each row that has one, where they can be
// read whole; then the other texts are shortened, the last column first, and
// then overlong names. Numbers stay as they are, and so does every row. If all is
// wanted, nothing is shortened in vain, in a table that stays too wide.
func (t *table) fit(width int, all bool) (notes []string) {
	if width <= 0 {
		return nil
	}
	widths, total := t.widths()
	if last := len(t.heads) - 1; total > width && last > 0 && t.heads[last].look == reason {
		notes = t.detachNotes()
		total -= widths[last] + gap
	}
	if all && total-t.spare(widths) > width {
		return notes
	}
	for i := len(t.heads) - 1; i >= 0 && total > width; i-- {
		least := t.heads[i].least()
		if least == 0 || widths[i] <= least {
			continue
		}
		to := max(least, widths[i]-(total-width))
		for _, row := range t.rows {
			row[i] = shorten(row[i], to)
		}
		total -= widths[i] - to
	}
	return notes
}

// spare is by how much the columns can be shortened, all together.
func (t *table) spare(widths []int) (columns int) {
	for i, h := range t.heads {
		if least := h.least(); least > 0 {
			columns += max(0, widths[i]-least)
		}
	}
	return columns
}

// hide leaves out columns that a terminal of width columns has no room for, and
// says which.
func (t *table) hide(width int) (note string) {
	var hidden []string
	for _, name := range expendable {
		if _, total := t.widths(); total <= width {
			break
		}
		i := slices.IndexFunc(t.heads, func(h head) bool { return h.name == name })
		if i < 0 {
			continue
		}
		t.heads = slices.Delete(slices.Clone(t.heads), i, i+1)
		for j, row := range t.rows {
			t.rows[j] = slices.Delete(slices.Clone(row), i, i+1)
		}
		hidden = append(hidden, name)
	}
	if len(hidden) == 0 {
		return ""
	}
	return shorten("not shown: "+strings.Join(hidden, ", "), width-2)
}

// least is how narrow a column may become; 0 is no narrower than it is.
func (h head) least() int {
	switch h.look {
	case name:
		return max(minName, len(h.name))
	case text:
		return max(minText, len(h.name))
	}
	return 0
}

// shorten cuts s to a width in terminal columns and says so with "…".
func shorten(s string, width int) string {
	if twwidth.Width(s) <= width {
		return s
	}
	return twwidth.Truncate(s, width, ellipsis)
}

func (t *table) detachNotes() (notes []string) {
	last := len(t.heads) - 1
	for i, row := range t.rows {
		if row[last] != notApplicable {
			notes = append(notes, row[0]+": "+row[last])
		}
		t.rows[i] = row[:last]
	}
	t.heads = t.heads[:last]
	return notes
}

// widths returns each column's width in terminal columns, and the table's.
func (t *table) widths() (widths []int, total int) {
	widths = make([]int, len(t.heads))
	for i, h := range t.heads {
		widths[i] = len(h.name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], twwidth.Width(row[i]))
		}
		total += widths[i] + gap
	}
	return widths, total - gap
}
