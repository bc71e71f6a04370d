package printer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sanitize returns s with everything that could steer a terminal, or deceive
// its reader, shown as an escape: \x1b, \n, \u202e, and \xff for what is not
// UTF-8. What stays is what strconv.IsPrint lets pass: letters, marks, numbers,
// punctuation, symbols and the space.
func Sanitize(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// Cell is Sanitize for one cell of a table: of more than 253 runes it keeps
// the first and ends with "…".
func Cell(s string) string {
	// A prefix long enough is all that is looked at, however long s is.
	const enough = utf8.UTFMax * (maxCell + 1)
	s = Sanitize(s[:min(len(s), enough)])
	runes := 0
	cut := 0
	for i := range s {
		if runes == maxCell-1 {
			cut = i
		}
		if runes++; runes > maxCell {
			return s[:cut] + ellipsis
		}
	}
	return s
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
