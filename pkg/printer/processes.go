package printer

import (
	"bytes"
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func processesForm(r *model.ProcessList) form {
	data := *r
	data.Items = nonNil(r.Items)
	names := make([]string, len(r.Items))
	for i, p := range r.Items {
		names[i] = "process/" + p.Name
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			return tableOf(r.Items, processColumns(r.ObservedAt), o.wide()).write(b, o)
		},
		names: names,
		data:  &data,
	}
}

// processColumns counts ages up to the time at which the list was made.
func processColumns(now time.Time) []column[model.Process] {
	age := func(p *model.Process) (seconds float64, ok bool) {
		if p.Started == nil || p.PID == 0 {
			return 0, false
		}
		return now.Sub(*p.Started).Seconds(), true
	}
	return []column[model.Process]{
		{name: "NAME", look: name, cell: func(p *model.Process) string { return p.Name }},
		{name: "ROLE", wide: true, cell: func(p *model.Process) string { return string(p.Role) }},
		{name: "STATE", look: state, cell: func(p *model.Process) string { return string(p.State) }},
		{name: "PID", order: positive(func(p *model.Process) float64 { return float64(p.PID) }),
			cell: func(p *model.Process) string {
				if p.PID == 0 {
					return ""
				}
				return fmt.Sprint(p.PID)
			}},
		{name: "HOST", cell: func(p *model.Process) string { return p.Host }},
		{name: "ENDPOINT", look: text, cell: func(p *model.Process) string { return p.Endpoint }},
		{name: "LOG", wide: true, look: text, cell: func(p *model.Process) string { return p.Log }},
		{name: "AGE", order: age, cell: func(p *model.Process) string {
			if seconds, ok := age(p); ok {
				return humanAge(seconds)
			}
			return ""
		}},
		{name: "REASON", look: reason, cell: func(p *model.Process) string { return p.Reason }},
	}
}
