package configpush

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Field is one field of a config to be set, or unset if it has no value.
type Field struct {
	Name  string
	Value json.RawMessage // nil to unset
}

// ParseFields reads what a person types: NAME=VALUE sets a field, NAME- unsets
// it. Metrics are named by commas. Every problem is in one *InvalidError; of a
// field to be unset nothing is known to be wrong before the configs are seen.
func ParseFields(args []string) ([]Field, error) {
	var f findings
	var fields []Field
	for _, arg := range args {
		field, err := parseField(arg)
		switch {
		case err != nil:
			f.ofFile("%v", err)
		case slices.ContainsFunc(fields, func(o Field) bool { return o.Name == field.Name }):
			f.ofFile("%s is named twice", field.Name)
		default:
			fields = append(fields, field)
			f.checkValue(field)
		}
	}
	if len(f.problems) > 0 {
		return nil, &InvalidError{Name: "set fields", Problems: f.problems}
	}
	return fields, nil
}

func parseField(arg string) (Field, error) {
	name, value, sets := strings.Cut(arg, "=")
	if !sets {
		name, unsets := strings.CutSuffix(arg, "-")
		if !unsets || name == "" {
			return Field{}, fmt.Errorf("%s is neither NAME=VALUE nor NAME-", clippedQuote(arg))
		}
		return Field{Name: name}, nil
	}
	if !slices.Contains(configFields(), name) {
		return Field{}, fmt.Errorf("unknown field %s; known: %s%s",
			clippedQuote(name), strings.Join(configFields(), ", "), model.DidYouMean(name, configFields()))
	}
	return Field{Name: name, Value: typed(name, value)}, nil
}

// typed is what was typed as JSON: of the field's type if it can be that, else a
// string, which the check of the field refuses.
func typed(name, value string) json.RawMessage {
	if name == fieldMetrics {
		list := []byte{'['}
		for i, metric := range splitNames(value) {
			if i > 0 {
				list = append(list, ", "...)
			}
			list = appendJSONString(list, metric)
		}
		return append(list, ']')
	}
	if json.Valid([]byte(value)) {
		return json.RawMessage(value)
	}
	return appendJSONString(nil, value)
}

// splitNames parts names at commas; nothing at all is no name.
func splitNames(list string) []string {
	if strings.TrimSpace(list) == "" {
		return nil
	}
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// checkValue reports what a config file with just this field would be refused
// for. There is no line to name.
func (f *findings) checkValue(field Field) {
	if field.Value == nil {
		return
	}
	var alone findings
	alone.checkStored(fmt.Appendf(nil, "{%q: %s}", field.Name, field.Value))
	for _, p := range alone.problems {
		p.Line = 0
		f.problems = append(f.problems, p)
	}
}

// checkStored checks one config, whatever fields it has: never the list form.
func (f *findings) checkStored(value []byte) {
	if root := f.parse(value, "config.json"); root != nil {
		f.uniqueKeys(root)
		f.config(root)
	}
}

// Check says, in an *InvalidError, why a value should not be stored for a host.
func Check(host string, value []byte) error {
	var f findings
	f.checkStored(value)
	if len(f.problems) > 0 {
		sortProblems(f.problems)
		return &InvalidError{Name: fmt.Sprintf("config %q", host), Problems: f.problems}
	}
	return nil
}

// NotObjectError tells that what is stored for a host has no fields that could
// be set.
type NotObjectError struct{ Host string }

func (e *NotObjectError) Error() string {
	return fmt.Sprintf("set fields of config %q: what is stored is not a JSON object", e.Host)
}

// Set says what the stored configs become when fields are set. A host without a
// config gets a new one. Its Wanted is based on the revision that was given.
//
// A field that nobody knows can be unset if one of the configs has it. What is
// no JSON object is a *NotObjectError; what an apply would refuse in the result,
// set just now or before, is an *InvalidError.
func Set(stored []model.ConfigItem, fields []Field) ([]Wanted, error) {
	if err := checkUnset(stored, fields); err != nil {
		return nil, err
	}
	var (
		wanted   []Wanted
		problems []error
	)
	for _, item := range stored {
		w, err := set(item, fields)
		if err != nil {
			problems = append(problems, err)
		}
		wanted = append(wanted, w)
	}
	return wanted, errors.Join(problems...)
}

func checkUnset(stored []model.ConfigItem, fields []Field) error {
	var f findings
	for _, field := range fields {
		if field.Value != nil || slices.Contains(configFields(), field.Name) {
			continue
		}
		has := func(item model.ConfigItem) bool {
			o, err := readObject(item.Config)
			return err == nil && o.find(field.Name) >= 0
		}
		if !slices.ContainsFunc(stored, has) {
			f.ofFile("no config has a field %s%s", clippedQuote(field.Name), model.DidYouMean(field.Name, configFields()))
		}
	}
	if len(f.problems) > 0 {
		return &InvalidError{Name: "unset fields", Problems: f.problems}
	}
	return nil
}

func set(item model.ConfigItem, fields []Field) (Wanted, error) {
	w := Wanted{Host: item.Host, Base: &item.Revision}
	value := bytes.Clone(item.Config)
	if item.Revision == 0 {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Value != nil }) {
			w.Delete = true // there is nothing to unset, and need not be anything
			return w, nil
		}
		value = []byte("{}")
	}
	for _, field := range fields {
		o, err := readObject(value)
		if err != nil {
			return w, &NotObjectError{item.Host}
		}
		value = o.with(field)
	}
	w.JSON = value
	return w, Check(item.Host, value)
}
