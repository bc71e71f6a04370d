package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// writeJSON writes one indented document. All that a terminal could act on is
// escaped, also what JSON itself would let pass: DEL, C1 and bidi controls.
func writeJSON(b *bytes.Buffer, data any) error {
	doc, err := encode(data, "  ")
	if err != nil {
		return err
	}
	escapeUnprintable(b, doc, func(r rune) {
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
			return
		}
		fmt.Fprintf(b, `\u%04x`, r)
	})
	return nil
}

// encode is json.Marshal without the escapes that only HTML needs.
func encode(data any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(data)
	return b.Bytes(), err
}

// escapeUnprintable copies a document and hands every rune from DEL on that
// does not print to escape. Such runes stand in quoted strings only.
func escapeUnprintable(b *bytes.Buffer, doc []byte, escape func(rune)) {
	copied := 0
	for i := 0; i < len(doc); {
		if doc[i] < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(doc[i:])
		if broken := r == utf8.RuneError && size == 1; broken || !strconv.IsPrint(r) {
			b.Write(doc[copied:i])
			escape(r)
			copied = i + size
		}
		i += size
	}
	b.Write(doc[copied:])
}

// nonNil makes an empty list print as [], not as null.
func nonNil[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// finite leaves out the numbers that JSON cannot say.
func finite(nodes []model.Node) []model.Node {
	kept := make([]model.Node, len(nodes))
	for i, n := range nodes {
		if n.Age != nil && !isFinite(*n.Age) {
			n.Age = nil
		}
		for _, v := range n.Metrics {
			if !isFinite(v) {
				n.Metrics = maps.Clone(n.Metrics)
				maps.DeleteFunc(n.Metrics, func(_ string, v float64) bool { return !isFinite(v) })
				break
			}
		}
		kept[i] = n
	}
	return kept
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// maxDepth bounds how deep a stored config may nest: indenting ten thousand
// brackets makes hundreds of megabytes of spaces.
const maxDepth = 64

// showable returns a stored config that can stand in a document: as it is, or
// as a string where it is no JSON or nests too deep.
func showable(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	if json.Valid(raw) && depth(raw) <= maxDepth {
		return raw
	}
	quoted, err := encode(string(raw), "")
	if err != nil { // a string always can
		return json.RawMessage("null")
	}
	return quoted
}

// depth is how deep valid JSON nests.
func depth(raw []byte) (deepest int) {
	level, quoted, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			level++
			deepest = max(deepest, level)
		case c == ']' || c == '}':
			level--
		}
	}
	return deepest
}
