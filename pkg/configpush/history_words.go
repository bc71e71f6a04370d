package configpush

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// changeInWords says what a change did to the value before it, nil if unknown.
func changeInWords(row *model.ConfigRevision, before *string) string {
	switch {
	case row.Deleted:
		return "deleted"
	case row.Before != nil && *row.Before == 0:
		return "created"
	case row.Value == nil || before == nil:
		return "changed" // how, nobody knows any more
	case *row.Value == *before:
		return "same again"
	}
	old, errOld := readObject([]byte(*before))
	now, errNow := readObject([]byte(*row.Value))
	if errOld != nil || errNow != nil {
		return "replaced"
	}
	var words []string
	for _, f := range now.fields {
		i := old.find(f.name)
		value := now.value(f)
		switch {
		case i < 0:
			words = append(words, f.name+" "+inWords(f.name, value))
		case !sameJSON(old.value(old.fields[i]), value):
			words = append(words, f.name+" "+inWords(f.name, old.value(old.fields[i]))+" -> "+inWords(f.name, value))
		}
	}
	for _, f := range old.fields {
		if now.find(f.name) < 0 {
			words = append(words, f.name+" unset")
		}
	}
	if len(words) == 0 {
		return "written otherwise" // spaces or the order of fields
	}
	return strings.Join(words, "; ")
}

func (o *object) value(f span) []byte { return o.text[f.valueAt:f.ends] }

// inWords is a field's value as one would type it, if that is short.
func inWords(name string, value []byte) string {
	var metrics []string
	if name == fieldMetrics && json.Unmarshal(value, &metrics) == nil {
		if len(metrics) == 0 {
			return "none"
		}
		return strings.Join(metrics, ",")
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, value) // it was read as JSON
	return clipped(compact.String())
}
