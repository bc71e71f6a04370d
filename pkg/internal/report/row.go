package main

import (
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

// part is what is measured together: some `go test` commands, one after the
// other, and the rows that their figures make.
type part struct {
	name     string // make bench BENCH=name
	commands []command
	rows     []row
}

// command is one `go test`.
type command struct {
	env  []string
	args []string
}

// String is the command as a shell takes it.
func (c command) String() string {
	words := append(append([]string{}, c.env...), "go", "test")
	for _, arg := range c.args {
		if strings.ContainsAny(arg, "|$^*() ") {
			arg = "'" + arg + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// row is one line of the table: a figure of ours beside that of a peer or, where
// there is none to be had, beside the goal as its limit.
type row struct {
	what string // unique: by it a row is found again
	ours figure
	peer peer
	goal goal
}

// peer is what ours is compared with.
type peer struct {
	name string
	figure
}

// figure names one number of a benchmark: its name without "Benchmark", and the
// unit as reported. What follows a dash in the unit tells what the number is, as
// in ms-p50.
type figure struct{ bench, unit string }

func (f figure) show(v float64) string {
	unit, _, _ := strings.Cut(f.unit, "-")
	return number(v) + " " + unit
}

// number shows three significant digits, and whole numbers whole.
func number(v float64) string {
	if v == 0 {
		return "0"
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(v))))
	if scale < 1 {
		return humanize.Comma(int64(math.Round(math.Round(v*scale) / scale)))
	}
	return humanize.CommafWithDigits(math.Round(v*scale)/scale, 6)
}

// goal is what a figure of ours, or its ratio to the peer's, should be.
type goal struct {
	set     bool
	ofRatio bool
	least   bool // else it is a limit from above
	value   float64
}

func atMost(v float64) goal       { return goal{set: true, value: v} }
func atLeast(v float64) goal      { return goal{set: true, value: v, least: true} }
func ratioAtMost(v float64) goal  { return goal{set: true, value: v, ofRatio: true} }
func ratioAtLeast(v float64) goal { return goal{set: true, value: v, ofRatio: true, least: true} }

func (g goal) show(f figure, ours, ratio float64) string {
	if !g.set {
		return "–"
	}
	words, got, verdict := "at most ", ours, "met"
	if g.least {
		words = "at least "
	}
	if g.ofRatio {
		words, got = "ratio "+words+number(g.value), ratio
	} else {
		words += f.show(g.value)
	}
	if g.least && got < g.value || !g.least && got > g.value {
		verdict = "**missed**"
	}
	return words + ": " + verdict
}

// cells are what the table shows of the row, but for the command.
func (r row) cells(found findings) ([]string, error) {
	ours, err := found.value(r.ours)
	if err != nil {
		return nil, err
	}
	limit, beside := r.goal.value, r.ours.show(r.goal.value)+", the goal"
	if r.peer.name != "" {
		if limit, err = found.value(r.peer.figure); err != nil {
			return nil, err
		}
		beside = r.peer.show(limit) + ", " + r.peer.name
	}
	ratio, shown := ours/limit, "–"
	if limit != 0 {
		shown = number(ratio)
	}
	return []string{r.what, r.ours.show(ours), beside, shown, r.goal.show(r.ours, ours, ratio)}, nil
}
