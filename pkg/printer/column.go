package printer

import (
	"slices"
	"strings"
)

// Words that stand for a value that is not there.
const (
	notApplicable = "-"
	unknown       = "<unknown>" // could not be read
	failed        = "<error>"   // could not be measured; the reason tells why
)

// look says how the cells of a column may be treated.
type look int

const (
	exact  look = iota // never altered
	name               // names the row; cut only where it is absurdly long
	state              // painted by its word
	text               // may be shortened to fit the terminal
	reason             // free text, last; shown where a row has one
)

// column is one column of a table of T: its cells, and how rows sort by it.
type column[T any] struct {
	name  string
	alias string // another name to sort by
	look  look
	wide  bool // only in wide tables
	rare  bool // shown where a row has it, as reasons are
	// cell may return anything that a stranger wrote; "" is not applicable.
	cell func(*T) string
	// order is the number to sort by, and false if there is none; a nil order
	// sorts by the cell's text.
	order func(*T) (float64, bool)
}

// tableOf lays out items in those of the columns that are to be shown.
func tableOf[T any](items []T, columns []column[T], wide bool) table {
	shown := slices.DeleteFunc(slices.Clone(columns), func(c column[T]) bool {
		return c.wide && !wide || (c.rare || c.look == reason) && !used(items, c)
	})
	t := table{heads: make([]head, len(shown)), rows: make([][]string, len(items))}
	for i, c := range shown {
		t.heads[i] = head{c.name, c.look}
	}
	for i := range items {
		t.rows[i] = make([]string, len(shown))
		for j, c := range shown {
			t.rows[i][j] = orDash(strings.TrimSpace(Cell(c.cell(&items[i]))))
		}
	}
	return t
}

func used[T any](items []T, c column[T]) bool {
	for i := range items {
		if c.cell(&items[i]) != "" {
			return true
		}
	}
	return false
}

func orDash(s string) string {
	if s == "" {
		return notApplicable
	}
	return s
}
