package configpush

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// object is the text of a JSON object and where its fields stand in it, so that
// one can be changed and every other byte stays.
type object struct {
	text   []byte
	fields []span
}

// span is where a field stands: the offsets of its name, of the name's end, of
// its value and of the value's end.
type span struct {
	name                       string
	at, nameEnd, valueAt, ends int
}

var errNotObject = errors.New("not a JSON object")

// readObject finds the fields of a text that is one JSON object.
func readObject(text []byte) (*object, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if token, err := d.Token(); !json.Valid(text) || err != nil || token != json.Delim('{') {
		return nil, errNotObject
	}
	o := &object{text: text}
	for d.More() {
		from := int(d.InputOffset())
		f := span{at: from + bytes.IndexByte(text[from:], '"')}
		token, err := d.Token()
		if err != nil {
			return nil, errNotObject
		}
		f.name, _ = token.(string)
		f.nameEnd = int(d.InputOffset())
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errNotObject
		}
		f.ends = int(d.InputOffset())
		f.valueAt = f.ends - len(value)
		o.fields = append(o.fields, f)
	}
	return o, nil
}

// find returns the index of a field, or -1.
func (o *object) find(name string) int {
	return slices.IndexFunc(o.fields, func(f span) bool { return f.name == name })
}

// with returns the text with one field set or unset.
func (o *object) with(field Field) []byte {
	i := o.find(field.Name)
	switch {
	case i < 0 && field.Value == nil:
		return o.text
	case i < 0:
		return o.add(field)
	case field.Value == nil:
		return o.remove(i)
	}
	f := o.fields[i]
	if sameJSON(o.text[f.valueAt:f.ends], field.Value) {
		return o.text
	}
	return o.splice(f.valueAt, f.ends, field.Value)
}

// add appends a field, spaced as the one before it.
func (o *object) add(field Field) []byte {
	name := appendJSONString(nil, field.Name)
	if len(o.fields) == 0 {
		return o.inside(slices.Concat(name, []byte(": "), field.Value))
	}
	last := o.fields[len(o.fields)-1]
	colon := o.text[last.nameEnd:last.valueAt]
	return o.splice(last.ends, last.ends, slices.Concat([]byte{','}, o.gap(), name, colon, field.Value))
}

// gap is the space before the last field's name.
func (o *object) gap() []byte {
	last := o.fields[len(o.fields)-1]
	if n := len(o.fields); n > 1 {
		between := o.text[o.fields[n-2].ends:last.at]
		return bytes.ReplaceAll(between, []byte{','}, nil)
	}
	before := o.text[bytes.IndexByte(o.text, '{')+1 : last.at]
	if bytes.IndexByte(before, '\n') >= 0 {
		return before
	}
	if colon := o.text[last.nameEnd:last.valueAt]; len(colon) == 1 {
		return nil // a compact text stays one
	}
	return []byte{' '}
}

func (o *object) remove(i int) []byte {
	f, last := o.fields[i], len(o.fields)-1
	switch {
	case last == 0:
		return o.inside(nil)
	case i < last:
		return o.splice(f.at, o.fields[i+1].at, nil)
	default:
		return o.splice(o.fields[i-1].ends, f.ends, nil)
	}
}

// inside replaces all between the braces.
func (o *object) inside(text []byte) []byte {
	return o.splice(bytes.IndexByte(o.text, '{')+1, bytes.LastIndexByte(o.text, '}'), text)
}

func (o *object) splice(from, to int, text []byte) []byte {
	return slices.Concat(o.text[:from], text, o.text[to:])
}
