package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// writeYAML writes the JSON document as YAML: the same fields in the same
// order. It goes from token to token and not by way of Go values, which would
// round 123456789012345678901 and make an infinity of 1e400: a plain scalar
// that is a JSON number stands for that number to the digit.
func writeYAML(b *bytes.Buffer, data any) error {
	doc, err := json.Marshal(data)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	node, err := yamlNode(d)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	e := yaml.NewEncoder(&raw)
	e.SetIndent(2)
	e.CompactSeqIndent()
	if err := e.Encode(node); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	escapeUnprintable(b, raw.Bytes(), func(r rune) { fmt.Fprintf(b, `\U%08x`, r) })
	return nil
}

// yamlNode reads the next JSON value.
func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return yamlMapping(d)
		}
		return yamlSequence(d)
	case string:
		return yamlString(v), nil
	case nil:
		return yamlPlain("null"), nil
	}
	return yamlPlain(fmt.Sprint(token)), nil // a number to the digit, or a boolean
}

// yamlMapping reads an object. Of a repeated key the last value stays, as JSON
// readers have it: YAML allows none.
func yamlMapping(d *json.Decoder) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	at := make(map[string]int)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(token)
		value, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		if i, repeated := at[key]; repeated {
			n.Content[i] = value
			continue
		}
		n.Content = append(n.Content, yamlString(key), value)
		at[key] = len(n.Content) - 1
	}
	_, err := d.Token()
	return flowIfEmpty(n), err
}

func yamlSequence(d *json.Decoder) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for d.More() {
		item, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := d.Token()
	return flowIfEmpty(n), err
}

func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

func yamlPlain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// yamlString quotes what some reader of YAML 1.1 or 1.2 would not take for a
// string, and whatever a terminal could act on.
func yamlString(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !isPrintable(s) || isOldBool(s) || looksLikeNumber(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func isPrintable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) < 0
}

// isOldBool knows the booleans of YAML 1.1 that 1.2 reads as strings.
func isOldBool(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		return true
	}
	return false
}

// numberLike matches the numbers of JSON and of YAML 1.1, to the base of 60 too.
var numberLike = regexp.MustCompile(`^[-+]?[0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// looksLikeNumber is asked because readers disagree: to some, an ID such as
// 1234e567 is infinity.
func looksLikeNumber(s string) bool {
	return s != "" && strings.IndexByte("+-.0123456789", s[0]) >= 0 && numberLike.MatchString(s)
}
