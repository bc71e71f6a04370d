package printer

import (
	"bytes"
	"fmt"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func versionForm(r *model.VersionInfo) form {
	names := make([]string, len(r.Servers))
	for i, s := range r.Servers {
		names[i] = "member/" + s.Name
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			fmt.Fprintf(b, "Client: %s (%s, %s)\n", Cell(r.Client.Version), r.Client.Go, r.Client.Platform)
			if len(r.Servers) == 0 {
				return nil
			}
			b.WriteByte('\n')
			return tableOf(r.Servers, serverColumns(), o.wide()).write(b, o)
		},
		names: names,
		data:  r,
	}
}

func serverColumns() []column[model.ServerVersion] {
	return []column[model.ServerVersion]{
		{name: "NAME", look: name, cell: func(s *model.ServerVersion) string { return s.Name }},
		{name: "STATE", look: state, cell: func(s *model.ServerVersion) string { return string(s.State) }},
		{name: "VERSION", cell: func(s *model.ServerVersion) string { return s.Version }},
		{name: "STORAGE", cell: func(s *model.ServerVersion) string { return s.Storage }},
		{name: "REASON", look: reason, cell: func(s *model.ServerVersion) string { return s.Reason }},
	}
}
