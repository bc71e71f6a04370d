package configpush

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep values may nest, ours and those of unknown fields.
const maxDepth = 64

var errTooDeep = fmt.Errorf("values nest more than %d levels deep", maxDepth)

// docKind is the type of a JSON value.
type docKind int

const (
	kindRefused docKind = iota // a problem of it was reported; no more is said
	kindNull
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

// docNode is a JSON value and where it stands in a file of JSON or YAML, so
// that what is checked of it is written once for both.
type docNode struct {
	kind docKind
	at   docPosition
	// text is a string's value, and else how a scalar is spelled in JSON; it is
	// empty for a YAML null that is not spelled out.
	text     string
	children []*docNode // of a list or an object, in order
	raw      []byte     // the file's own bytes; nil in YAML

	parent *docNode
	index  int         // among the parent's children
	key    string      // in an object
	keyAt  docPosition // in an object
}

// docPosition counts from 1, columns in characters.
type docPosition struct{ line, column int }

// positionOf returns the position of a byte in text.
func positionOf(text []byte, offset int) docPosition {
	before := text[:offset]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return docPosition{1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(line)}
}

func (n *docNode) append(child *docNode) {
	child.parent, child.index = n, len(n.children)
	n.children = append(n.children, child)
}

// field returns an object's field, or nil.
func (n *docNode) field(key string) *docNode {
	if n.kind != kindObject {
		return nil
	}
	for _, c := range n.children {
		if c.key == key {
			return c
		}
	}
	return nil
}

func (n *docNode) hasAny(keys ...string) bool {
	for _, k := range keys {
		if n.field(k) != nil {
			return true
		}
	}
	return false
}

// path spells the way to the node, such as items[0].config.interval; that of
// the root is empty.
func (n *docNode) path() string {
	switch {
	case n.parent == nil:
		return ""
	case n.parent.kind == kindList:
		return fmt.Sprintf("%s[%d]", n.parent.path(), n.index)
	case !isPlainName(n.key):
		return fmt.Sprintf("%s[%s]", n.parent.path(), clippedQuote(n.key))
	case n.parent.parent == nil:
		return n.key
	}
	return n.parent.path() + "." + n.key
}

// describe says what a value is, for "must be …, not …".
func (n *docNode) describe() string {
	switch n.kind {
	case kindNull:
		if n.text == "" {
			return "empty"
		}
		return "null"
	case kindString:
		return "the string " + clippedQuote(n.text)
	case kindList:
		return "a list"
	case kindObject:
		return "an object"
	}
	return clipped(n.text)
}

// json returns the value as JSON: the file's own bytes if it is that, else
// compact.
func (n *docNode) json() []byte {
	if n.raw != nil {
		return bytes.Clone(n.raw)
	}
	return n.appendJSON(nil)
}

func (n *docNode) appendJSON(b []byte) []byte {
	switch n.kind {
	case kindNull:
		return append(b, "null"...)
	case kindString:
		return appendJSONString(b, n.text)
	case kindList:
		b = append(b, '[')
		for i, c := range n.children {
			if i > 0 {
				b = append(b, ',')
			}
			b = c.appendJSON(b)
		}
		return append(b, ']')
	case kindObject:
		b = append(b, '{')
		for i, c := range n.children {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONString(b, c.key), ':')
			b = c.appendJSON(b)
		}
		return append(b, '}')
	}
	return append(b, n.text...)
}

// appendJSONString does not escape HTML as json.Marshal does: what is stored
// shall read as it was written.
func appendJSONString(b []byte, s string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer: neither can fail
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte{'\n'})...)
}

// maxQuoted is how many characters of the file one message repeats.
const maxQuoted = 40

func clipped(s string) string {
	n := 0
	for i := range s {
		if n == maxQuoted {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func clippedQuote(s string) string { return strconv.Quote(clipped(s)) }

func isPlainName(s string) bool {
	return s != "" && len(s) <= maxQuoted && strings.Trim(s, plainNameChars) == ""
}

const plainNameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
