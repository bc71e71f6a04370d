package printer

import (
	"bytes"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func rolloutForm(r *model.Rollout) form {
	data := *r
	data.Items = nonNil(r.Items)
	names := make([]string, len(r.Items))
	for i := range r.Items {
		names[i] = "node/" + r.Items[i].Name
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			return tableOf(r.Items, rolloutColumns(), o.wide()).write(b, o)
		},
		names: names,
		data:  &data,
	}
}

func rolloutColumns() []column[model.RolloutItem] {
	return []column[model.RolloutItem]{
		{name: "NAME", look: name, cell: func(i *model.RolloutItem) string { return i.Name }},
		{name: "STATE", look: state, cell: func(i *model.RolloutItem) string { return string(i.State) }},
		{name: "WANTED", order: positive(func(i *model.RolloutItem) float64 { return float64(i.Wanted) }),
			cell: func(i *model.RolloutItem) string { return revision(i.Wanted) }},
		{name: "APPLIED", order: appliedOrder,
			cell: func(i *model.RolloutItem) string {
				if i.Applied == nil {
					return ""
				}
				return revision(*i.Applied)
			}},
		{name: "AGE",
			order: func(i *model.RolloutItem) (float64, bool) {
				if i.Age == nil {
					return 0, false
				}
				return *i.Age, true
			},
			cell: func(i *model.RolloutItem) string {
				if i.Age == nil {
					return ""
				}
				return humanAge(*i.Age)
			}},
		{name: "REASON", look: reason, cell: func(i *model.RolloutItem) string { return i.Reason }},
	}
}

func appliedOrder(i *model.RolloutItem) (float64, bool) {
	if i.Applied == nil {
		return 0, false
	}
	return float64(*i.Applied), *i.Applied > 0
}
