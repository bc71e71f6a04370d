package configpush

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxProblems bounds a report. A file can hold a hundred thousand problems;
// nobody reads on after the first hundred.
const maxProblems = 100

// Problem is one thing that is wrong with a config file.
type Problem struct {
	Line, Column int    // from 1, in characters; 0 where it is the whole file, or not known
	Path         string // such as metrics[2] or items[0].config.interval
	Message      string // the rule that was broken, and what stands there instead
}

// String says where the problem is and what it is. A field at the top is named
// by the message itself.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if strings.ContainsAny(p.Path, ".[") {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// InvalidError lists all that is wrong with a config file, in the file's order.
// Of more than 100 problems, 101 are kept.
type InvalidError struct {
	Name     string // of the file
	Problems []Problem
}

// Error is one line for a single problem, and else a heading and a line each.
func (e *InvalidError) Error() string {
	var b strings.Builder
	shown := e.Problems
	switch n := len(e.Problems); {
	case n == 1:
		return e.Name + ": " + e.Problems[0].String()
	case n > maxProblems:
		shown = shown[:maxProblems]
		fmt.Fprintf(&b, "%s: more than %d problems", e.Name, maxProblems)
	default:
		fmt.Fprintf(&b, "%s: %d problems", e.Name, n)
	}
	for _, p := range shown {
		b.WriteString("\n  " + p.String())
	}
	return b.String()
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// findings collects what a file's reading and checking brings to light.
type findings struct {
	problems []Problem
	warnings []Problem
}

// ofFile reports a problem of the whole file.
func (f *findings) ofFile(format string, args ...any) {
	f.add(docPosition{}, "", format, args...)
}

// of reports a problem of a value.
func (f *findings) of(n *docNode, format string, args ...any) {
	f.add(n.at, n.path(), format, args...)
}

// ofKey reports a problem of a field's name.
func (f *findings) ofKey(n *docNode, format string, args ...any) {
	f.add(n.keyAt, n.path(), format, args...)
}

func (f *findings) add(at docPosition, path, format string, args ...any) {
	if len(f.problems) <= maxProblems {
		f.problems = append(f.problems, newProblem(at, path, format, args...))
	}
}

// warnOfKey warns of a field's name.
func (f *findings) warnOfKey(n *docNode, format string, args ...any) {
	if len(f.warnings) <= maxProblems {
		f.warnings = append(f.warnings, newProblem(n.keyAt, n.path(), format, args...))
	}
}

func newProblem(at docPosition, path, format string, args ...any) Problem {
	return Problem{Line: at.line, Column: at.column, Path: path, Message: fmt.Sprintf(format, args...)}
}
