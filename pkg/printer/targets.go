package printer

import (
	"bytes"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func targetsForm(r *model.TargetList) form {
	data := *r
	data.Items = nonNil(r.Items)
	names := make([]string, len(r.Items))
	for i, t := range r.Items {
		names[i] = "target/" + t.Name
	}
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return tableOf(r.Items, targetColumns(), o.wide()).write(b, o) },
		names: names,
		data:  &data,
	}
}

func targetColumns() []column[model.TargetItem] {
	return []column[model.TargetItem]{
		{name: "NAME", look: name, cell: func(t *model.TargetItem) string { return t.Name }},
		{name: "CURRENT", cell: func(t *model.TargetItem) string {
			if t.Current {
				return "*"
			}
			return ""
		}},
		{name: "ENDPOINTS", look: text, cell: func(t *model.TargetItem) string { return strings.Join(t.Endpoints, ",") }},
		{name: "WHERE", look: text, wide: true, cell: func(t *model.TargetItem) string { return t.Where }},
		{name: "REASON", look: reason, cell: func(t *model.TargetItem) string { return t.Reason }},
	}
}
