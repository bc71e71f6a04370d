package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// The marks in the document: what is between them is written by this program,
// and the rest by hand.
const (
	beginMark = "<!-- figures: written by make bench -->"
	endMark   = "<!-- end of figures -->"
)

var header = []string{"what", "ours", "peer or limit", "ratio", "goal", "command"}

// document is docs/performance.md.
type document struct {
	machine       machine
	before, after string              // what is around the figures
	preface       []string            // the lines that stand above the table now
	rows          map[string]string   // the lines of the table, by their first cell
	fresh         map[string][]string // the rows of the parts that were measured now
}

// open reads the document. The lines of its table are kept for the parts that
// are not measured now.
func open(path string) (*document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	before, rest, begun := strings.Cut(string(data), beginMark)
	figures, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		return nil, fmt.Errorf("find where the figures go in %s: it has no %q, or no %q after it", path, beginMark, endMark)
	}
	d := &document{before: before, after: after, rows: make(map[string]string), fresh: make(map[string][]string)}
	for line := range strings.Lines(figures) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "| "):
			d.rows[firstCell(line)] = line
		case strings.HasPrefix(line, "- "):
			d.preface = append(d.preface, line)
		}
	}
	return d, nil
}

func firstCell(line string) string {
	cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
	return cell
}

// take makes a part's rows anew.
func (d *document) take(p part, found findings) {
	if found.cpu != "" {
		d.machine.cpu = found.cpu
	}
	command := p.command()
	var lines []string
	for _, r := range p.rows {
		cells, err := r.cells(found)
		if err != nil {
			cells = []string{r.what, err.Error(), "", "", ""}
		}
		lines = append(lines, line(append(cells, command)...))
		command = "the same run"
	}
	d.fresh[p.name] = lines
}

// command is what a part runs, in a cell.
func (p part) command() string {
	var each []string
	for _, c := range p.commands {
		each = append(each, "`"+c.String()+"`")
	}
	return strings.Join(each, " and ")
}

// line is a line of the table. A cell's own bars are escaped, and its line
// breaks taken for spaces.
func line(cells ...string) string {
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.Join(strings.Fields(cells[i]), " "), "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// String is the whole document.
func (d *document) String() string {
	all := parts()
	lines := append(d.above(all), "", line(slices.Clone(header)...), strings.Repeat("|---", len(header))+"|")
	for _, p := range all {
		if fresh, ok := d.fresh[p.name]; ok {
			lines = append(lines, fresh...)
			continue
		}
		for _, r := range p.rows {
			kept, ok := d.rows[firstCell(line(r.what, ""))]
			if !ok {
				kept = line(r.what, "not measured yet", "", "", "", "`make bench BENCH="+p.name+"`")
			}
			lines = append(lines, kept)
		}
	}
	return d.before + beginMark + "\n\n" + strings.Join(lines, "\n") + "\n\n" + endMark + d.after
}

// above are the lines above the table: of the machine, when all was measured now;
// else those that stand there, and which parts are newer.
func (d *document) above(all []part) []string {
	if len(d.fresh) == len(all) || len(d.preface) == 0 {
		return d.machine.lines()
	}
	lines := slices.Clone(d.preface)
	for _, p := range all {
		if d.fresh[p.name] == nil {
			continue
		}
		since := fmt.Sprintf("- `%s` alone was measured again", p.name)
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, since) })
		lines = append(lines, fmt.Sprintf("%s on %s, load %s before", since, d.machine.date.Format(time.DateOnly), d.machine.load))
	}
	return lines
}

// save writes the document, if anything was measured.
func (d *document) save(path string) error {
	if len(d.fresh) == 0 {
		return nil
	}
	return os.WriteFile(path, []byte(d.String()), 0o644)
}
