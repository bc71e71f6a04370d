package printer

import (
	"bytes"
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// unknownClient stands for whoever left no entry in the config log.
const unknownClient = "unknown client"

func historyForm(r *model.ConfigHistory) form {
	data := *r
	data.Items = nonNil(r.Items)
	names := make([]string, len(r.Items))
	for i := range r.Items {
		names[i] = fmt.Sprintf("revision/%d", r.Items[i].Revision)
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			return tableOf(r.Items, historyColumns(r.ObservedAt), o.wide()).write(b, o)
		},
		names: names,
		data:  &data,
	}
}

func historyColumns(observed time.Time) []column[model.ConfigRevision] {
	return []column[model.ConfigRevision]{
		{name: "REVISION", order: positive(func(r *model.ConfigRevision) float64 { return float64(r.Revision) }),
			cell: func(r *model.ConfigRevision) string { return revision(r.Revision) }},
		{name: "SEQ", wide: true, order: positive(func(r *model.ConfigRevision) float64 { return float64(r.Seq) }),
			cell: func(r *model.ConfigRevision) string { return revision(r.Seq) }},
		{name: "AGE",
			order: func(r *model.ConfigRevision) (float64, bool) {
				if r.At == nil {
					return 0, false
				}
				return observed.Sub(*r.At).Seconds(), true
			},
			cell: func(r *model.ConfigRevision) string {
				if r.At == nil {
					return ""
				}
				return humanAge(observed.Sub(*r.At).Seconds())
			}},
		{name: "BY", look: text, cell: func(r *model.ConfigRevision) string {
			if r.By == "" {
				return unknownClient
			}
			return r.By
		}},
		{name: "MESSAGE", look: text, cell: func(r *model.ConfigRevision) string { return r.Message }},
		{name: "CHANGE", look: text, cell: func(r *model.ConfigRevision) string { return r.Change }},
		{name: "VALUE", look: text, wide: true, cell: func(r *model.ConfigRevision) string {
			switch {
			case r.Value != nil:
				return *r.Value
			case r.Deleted:
				return ""
			}
			return unknown
		}},
	}
}

// revision shows a revision, or a number that counts from 1; 0 is none.
func revision(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
