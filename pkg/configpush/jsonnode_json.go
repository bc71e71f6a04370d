package configpush

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// parseJSON makes a tree of JSON text, or reports why it is none.
func (f *findings) parseJSON(text []byte) *docNode {
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		f.add(jsonErrorPosition(text, err), "", "not valid JSON: %v", err)
		return nil
	}
	r := jsonReader{text: text, tokens: json.NewDecoder(bytes.NewReader(text)), at: docPosition{1, 1}}
	r.tokens.UseNumber()
	root, err := r.value(1)
	if err != nil { // it nests too deep; its syntax is sound
		f.add(r.at, "", "%v", err)
		return nil
	}
	return root
}

func jsonErrorPosition(text []byte, err error) docPosition {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return docPosition{}
	}
	return positionOf(text, max(0, int(syntax.Offset)-1)) // Offset counts the last byte that was read
}

// jsonReader walks a text's tokens and knows where each of them begins.
type jsonReader struct {
	text   []byte
	tokens *json.Decoder
	offset int // of the next token's first byte
	at     docPosition
}

// next returns the next token; its position is r.at, that of its end
// r.tokens.InputOffset.
func (r *jsonReader) next() (json.Token, error) {
	end := int(r.tokens.InputOffset())
	for end < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[end]) >= 0 {
		end++
	}
	for r.offset < end {
		c, size := utf8.DecodeRune(r.text[r.offset:])
		r.offset += size
		if c == '\n' {
			r.at = docPosition{r.at.line + 1, 1}
		} else {
			r.at.column++
		}
	}
	return r.tokens.Token()
}

func (r *jsonReader) value(depth int) (*docNode, error) {
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	start := r.offset
	n := &docNode{at: r.at}
	switch t := token.(type) {
	case nil:
		n.kind, n.text = kindNull, "null"
	case bool:
		n.kind, n.text = kindBool, string(r.text[start:r.tokens.InputOffset()])
	case json.Number:
		n.kind, n.text = kindNumber, t.String()
	case string:
		n.kind, n.text = kindString, t
	case json.Delim:
		n.kind = kindList
		if t == '{' {
			n.kind = kindObject
		}
		if err := r.children(n, depth); err != nil {
			return nil, err
		}
	}
	n.raw = r.text[start:r.tokens.InputOffset()]
	return n, nil
}

func (r *jsonReader) children(n *docNode, depth int) error {
	for r.tokens.More() {
		var key string
		var keyAt docPosition
		if n.kind == kindObject {
			token, err := r.next()
			if err != nil {
				return err
			}
			key, _ = token.(string)
			keyAt = r.at
		}
		child, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		child.key, child.keyAt = key, keyAt
		n.append(child)
	}
	_, err := r.next() // the closing bracket
	return err
}
