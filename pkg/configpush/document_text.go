package configpush

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// parse makes a tree of a file's text, or reports why there is none.
func (f *findings) parse(data []byte, name string) *docNode {
	if len(data) > model.MaxConfigSize {
		f.ofFile("the file is larger than %d bytes", model.MaxConfigSize)
		return nil
	}
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := firstBinary(text); at >= 0 {
		f.add(positionOf(text, at), "", "not a text file: byte 0x%02x is not UTF-8 text", text[at])
		return nil
	}
	if len(bytes.TrimSpace(text)) == 0 {
		f.ofFile("the file is empty")
		return nil
	}
	// What is JSON is read as JSON whatever the file is called: YAML refuses
	// some of it, such as tabs as indentation.
	if json.Valid(text) {
		return f.parseJSON(text)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return f.parseJSON(text)
	case ".yaml", ".yml":
		return f.parseYAML(text)
	}
	var asYAML findings
	root := asYAML.parseYAML(text)
	if root == nil && looksLikeJSON(text) {
		return f.parseJSON(text) // its error tells more about broken JSON
	}
	f.problems = append(f.problems, asYAML.problems...)
	return root
}

// firstBinary returns the offset of the first byte that no text has, or -1.
func firstBinary(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func looksLikeJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return text[0] == '{' || text[0] == '['
}
