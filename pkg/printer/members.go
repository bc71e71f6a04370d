package printer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func membersForm(r *model.MemberList) form {
	data := *r
	data.Items = nonNil(r.Items)
	return form{
		text:  func(b *bytes.Buffer, o Options) error { return memberTable(r.Items, o.wide()).write(b, o) },
		names: memberNames(r.Items),
		data:  &data,
	}
}

func memberNames(members []model.Member) []string {
	names := make([]string, len(members))
	for i := range members {
		names[i] = "member/" + memberName(&members[i])
	}
	return names
}

func memberTable(members []model.Member, wide bool) table {
	return tableOf(members, memberColumns(wide), wide)
}

// memberColumns names alarms and errors in the reason, unless wide, where they
// have columns of their own.
func memberColumns(wide bool) []column[model.Member] {
	return []column[model.Member]{
		{name: "NAME", look: name, cell: memberName},
		{name: "ROLE", cell: func(m *model.Member) string { return roleWord(m.Role) }},
		{name: "STATE", look: state, cell: func(m *model.Member) string { return string(m.State) }},
		{name: "VERSION", cell: func(m *model.Member) string { return m.Version }},
		size("DB-SIZE", func(m *model.Member) *int64 { return m.DBSize }),
		size("IN-USE", func(m *model.Member) *int64 { return m.DBSizeInUse }),
		size("QUOTA", func(m *model.Member) *int64 { return m.DBSizeQuota }),
		count("LAG", false, func(m *model.Member) *uint64 { return m.RaftLag }),
		count("TERM", false, func(m *model.Member) *uint64 { return m.RaftTerm }),
		{name: "ID", wide: true, cell: func(m *model.Member) string { return m.ID }},
		{name: "ENDPOINT", wide: true, look: text, cell: func(m *model.Member) string { return m.Endpoint }},
		count("INDEX", true, func(m *model.Member) *uint64 { return m.RaftIndex }),
		count("APPLIED", true, func(m *model.Member) *uint64 { return m.RaftApplied }),
		count("REVISION", true, func(m *model.Member) *int64 { return m.Revision }),
		{name: "POD", wide: true, rare: true, look: text, cell: func(m *model.Member) string { return podName(m.Pod) }},
		{name: "NODE", wide: true, rare: true, look: text, cell: memberNode},
		{name: "RESTARTS", wide: true, rare: true, cell: func(m *model.Member) string { return podRestarts(m.Pod) },
			order: func(m *model.Member) (float64, bool) { return restartOrder(m.Pod) }},
		{name: "VOLUME", wide: true, rare: true, cell: volumeUse},
		{name: "ALARMS", wide: true, look: text, cell: func(m *model.Member) string { return strings.Join(m.Alarms, ",") }},
		{name: "ERRORS", wide: true, look: text, cell: func(m *model.Member) string { return strings.Join(m.Errors, "; ") }},
		{name: "REASON", look: reason, cell: func(m *model.Member) string {
			if wide {
				return m.Reason
			}
			return memberReason(m)
		}},
	}
}

// memberName falls back on the ID: a member that never joined has no name yet.
func memberName(m *model.Member) string {
	if m.Name == "" {
		return m.ID
	}
	return m.Name
}

func roleWord(r model.Role) string {
	if r == model.RoleUnknown || r == "" {
		return unknown
	}
	return string(r)
}

func memberReason(m *model.Member) string {
	var parts []string
	if m.Reason != "" {
		parts = append(parts, m.Reason)
	}
	for _, alarm := range m.Alarms {
		parts = append(parts, "alarm "+alarm)
	}
	for _, e := range m.Errors {
		if !strings.Contains(m.Reason, e) {
			parts = append(parts, e)
		}
	}
	return strings.Join(parts, "; ")
}

// size is a column of bytes.
func size(name string, of func(*model.Member) *int64) column[model.Member] {
	return numbers(name, false, of, func(v int64) string { return humanSize(float64(v)) })
}

// count is a column of bare numbers.
func count[N int64 | uint64](name string, wide bool, of func(*model.Member) *N) column[model.Member] {
	return numbers(name, wide, of, func(v N) string { return fmt.Sprint(v) })
}

// numbers is a column of numbers that only a member that answers can tell.
func numbers[N int64 | uint64](name string, wide bool, of func(*model.Member) *N, human func(N) string) column[model.Member] {
	return column[model.Member]{
		name: name,
		wide: wide,
		cell: func(m *model.Member) string {
			switch v := of(m); {
			case v != nil:
				return human(*v)
			case m.Answered():
				return unknown
			}
			return ""
		},
		order: func(m *model.Member) (float64, bool) {
			if v := of(m); v != nil {
				return float64(*v), true
			}
			return 0, false
		},
	}
}
