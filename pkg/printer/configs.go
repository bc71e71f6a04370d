package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func configsForm(r *model.ConfigList) form {
	data := *r
	data.Items = make([]model.ConfigItem, len(r.Items))
	names := make([]string, len(r.Items))
	for i, item := range r.Items {
		item.Config = showable(item.Config)
		data.Items[i] = item
		names[i] = "config/" + item.Host
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			return tableOf(r.Items, configColumns(), o.wide()).write(b, o)
		},
		names: names,
		data:  &data,
	}
}

func configColumns() []column[model.ConfigItem] {
	return []column[model.ConfigItem]{
		{name: "HOST", alias: "name", look: name, cell: func(c *model.ConfigItem) string { return c.Host }},
		{name: "REVISION", order: positive(func(c *model.ConfigItem) float64 { return float64(c.Revision) }),
			cell: func(c *model.ConfigItem) string {
				if c.Revision == 0 {
					return ""
				}
				return fmt.Sprint(c.Revision)
			}},
		{name: "INTERVAL", order: positive(interval), cell: func(c *model.ConfigItem) string { return settingSeconds(interval(c)) }},
		{name: "TTL", order: positive(ttl), cell: func(c *model.ConfigItem) string { return settingSeconds(ttl(c)) }},
		{name: "METRICS", look: text, cell: func(c *model.ConfigItem) string { return metricWords(decoded(c).Metrics) }},
		{name: "NOTE", look: reason, cell: configNote},
	}
}

// decoded returns what of a stored config is understood.
func decoded(c *model.ConfigItem) model.Config {
	if config, err := model.DecodeConfig(c.Config); err == nil {
		return *config
	}
	return model.Config{}
}

func interval(c *model.ConfigItem) float64 {
	if v := decoded(c).Interval; v != nil {
		return *v
	}
	return 0
}

func ttl(c *model.ConfigItem) float64 {
	if v := decoded(c).TTL; v != nil {
		return float64(*v)
	}
	return 0
}

// metricWords lists metrics in their order; names that follow on one with the
// same first word share it, as in "disk read/write", so that all fit in a row.
func metricWords(metrics []string) string {
	if metrics == nil {
		return ""
	}
	if len(metrics) == 0 {
		return "none"
	}
	var b strings.Builder
	previous := ""
	for i, name := range metrics {
		kind, what, two := strings.Cut(name, " ")
		switch {
		case two && kind == previous:
			b.WriteString("/" + what)
		case i > 0:
			b.WriteString("," + name)
		default:
			b.WriteString(name)
		}
		previous = kind
	}
	return b.String()
}

// configNote says what is wrong with a stored config, or else what there is in
// it that no column shows.
func configNote(c *model.ConfigItem) string {
	if c.Error != "" {
		return c.Error
	}
	if c.Revision == 0 {
		return "none stored"
	}
	if _, err := model.DecodeConfig(c.Config); err != nil {
		return err.Error()
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(c.Config, &fields) // DecodeConfig could
	for _, known := range []string{"interval", "metrics", "ttl"} {
		delete(fields, known)
	}
	if len(fields) == 0 {
		return ""
	}
	return "also has " + strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
}
