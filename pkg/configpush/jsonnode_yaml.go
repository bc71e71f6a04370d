package configpush

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseYAML makes a tree of YAML text, or reports why it is none. Values that
// JSON cannot hold are reported and refused one by one.
func (f *findings) parseYAML(text []byte) *docNode {
	var doc, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		f.ofFile("the file holds nothing but comments")
		return nil
	case err != nil:
		f.yamlError(text, err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		f.add(docPosition{second.Line, second.Column}, "", "a second YAML document begins here; only one is allowed")
		return nil
	case !errors.Is(err, io.EOF):
		f.yamlError(text, err)
		return nil
	}
	root := new(docNode)
	f.yamlNode(doc.Content[0], root, 1)
	return root
}

// yamlNode fills n, which is in its place in the tree already, from y.
func (f *findings) yamlNode(y *yaml.Node, n *docNode, depth int) {
	n.at = docPosition{y.Line, y.Column}
	switch {
	case depth > maxDepth:
		f.of(n, "%v", errTooDeep)
		return
	case y.Anchor != "" || y.Kind == yaml.AliasNode:
		f.of(n, "YAML anchors and aliases are not allowed: write the value out")
		return
	case y.Style&yaml.TaggedStyle != 0:
		f.of(n, "YAML tags such as %s are not allowed", clipped(y.Tag))
		return
	}
	switch y.Kind {
	case yaml.SequenceNode:
		n.kind = kindList
		for _, item := range y.Content {
			c := new(docNode)
			n.append(c)
			f.yamlNode(item, c, depth+1)
		}
	case yaml.MappingNode:
		n.kind = kindObject
		for i := 0; i+1 < len(y.Content); i += 2 {
			key, value := y.Content[i], y.Content[i+1]
			if f.yamlKey(key, n) {
				c := &docNode{key: key.Value, keyAt: docPosition{key.Line, key.Column}}
				n.append(c)
				f.yamlNode(value, c, depth+1)
			}
		}
	default:
		f.yamlScalar(y, n)
	}
}

// yamlKey reports whether y can be the key of a JSON object, and says why not.
func (f *findings) yamlKey(y *yaml.Node, object *docNode) bool {
	at, path := docPosition{y.Line, y.Column}, object.path()
	switch {
	case y.Kind == yaml.ScalarNode && y.ShortTag() == "!!merge":
		f.add(at, path, "YAML merge keys (<<) are not allowed: write the fields out")
	case y.Kind != yaml.ScalarNode || y.Anchor != "" || y.Style&yaml.TaggedStyle != 0:
		f.add(at, path, "a key must be a string")
	case y.ShortTag() != "!!str":
		f.add(at, path, "a key must be a string: write %s in quotes", clippedQuote(y.Value))
	default:
		return true
	}
	return false
}

func (f *findings) yamlScalar(y *yaml.Node, n *docNode) {
	switch y.ShortTag() {
	case "!!null":
		n.kind, n.text = kindNull, y.Value
	case "!!bool":
		n.kind, n.text = kindBool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		text, err := jsonNumber(y)
		if err != nil {
			f.of(n, "%v", err)
			return
		}
		n.kind, n.text = kindNumber, text
	default: // a string, or a date, for which JSON has nothing but strings
		n.kind, n.text = kindString, y.Value
	}
}

// octalLike matches numbers that YAML 1.1 takes as octal and 1.2 as decimal.
var octalLike = regexp.MustCompile(`^[-+]?0[0-9_]`)

// jsonNumber spells a YAML number in JSON, as it stands where it can.
func jsonNumber(y *yaml.Node) (string, error) {
	if json.Valid([]byte(y.Value)) {
		return y.Value, nil
	}
	if octalLike.MatchString(y.Value) {
		return "", fmt.Errorf("number %s is ambiguous: write it without the leading zero", clipped(y.Value))
	}
	var v any
	if err := y.Decode(&v); err != nil {
		return "", fmt.Errorf("%s is not a number", clippedQuote(y.Value))
	}
	text, err := json.Marshal(v)
	if err != nil { // .nan and .inf
		return "", fmt.Errorf("%s is not a number that JSON can hold", clipped(y.Value))
	}
	return string(text), nil
}

// yamlError reports text that is not YAML.
func (f *findings) yamlError(text []byte, err error) {
	line, message := yamlErrorLine(err)
	// Where something is missing at the end, the library names the line after.
	last := 1 + bytes.Count(bytes.TrimSpace(text), []byte{'\n'})
	f.add(docPosition{line: min(line, last)}, "", "not valid YAML: %s", message)
}

var yamlErrorForm = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// yamlErrorLine takes a syntax error of the library apart. It leaves the first
// line out, and what its parser (as opposed to its scanner) says counts lines
// from 0. The line is 0 where it knows none.
func yamlErrorLine(err error) (line int, message string) {
	m := yamlErrorForm.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	message = m[2]
	switch {
	case strings.HasPrefix(message, "unknown anchor"), strings.HasPrefix(message, "control characters"):
	case line == 0, strings.HasPrefix(message, "did not find expected"):
		line++
	}
	return line, message
}
