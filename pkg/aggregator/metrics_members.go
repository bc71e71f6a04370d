package aggregator

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// memberSeries are the series of every member of etcd.
type memberSeries struct {
	up      *prometheus.Desc
	leads   *prometheus.Desc
	alarm   *prometheus.Desc
	figures []memberFigure
}

// memberFigure is a number that only a member that answers can tell.
type memberFigure struct {
	desc *prometheus.Desc
	of   func(*model.Member) (float64, bool)
}

func newMemberSeries() memberSeries {
	return memberSeries{
		up:    memberDesc("up", "1 if a member answers, 0 if not."),
		leads: memberDesc("leader", "1 if a member leads raft, 0 if not."),
		alarm: memberDesc("alarm", "1 for an alarm that a member has armed.", "alarm"),
		figures: []memberFigure{
			{memberDesc("db_size_bytes", "Size of a member's database."), told(func(m *model.Member) *int64 { return m.DBSize })},
			{memberDesc("db_size_in_use_bytes", "Part of a member's database that is in use."), told(func(m *model.Member) *int64 { return m.DBSizeInUse })},
			{memberDesc("db_size_quota_bytes", "Size at which a member's database takes no more writes."), told(func(m *model.Member) *int64 { return m.DBSizeQuota })},
			{memberDesc("raft_term", "Raft term of a member."), told(func(m *model.Member) *uint64 { return m.RaftTerm })},
			{memberDesc("raft_lag_entries", "Raft entries that a member is behind the newest that any member told."), told(func(m *model.Member) *uint64 { return m.RaftLag })},
		},
	}
}

func memberDesc(name, help string, more ...string) *prometheus.Desc {
	return desc("member_"+name, help, append([]string{"member"}, more...)...)
}

func told[N int64 | uint64](of func(*model.Member) *N) func(*model.Member) (float64, bool) {
	return func(m *model.Member) (float64, bool) {
		v := of(m)
		if v == nil {
			return 0, false
		}
		return float64(*v), true
	}
}

func (s *memberSeries) describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.up, s.leads, s.alarm} {
		to <- d
	}
	for _, f := range s.figures {
		to <- f.desc
	}
}

func (s *memberSeries) collect(to chan<- prometheus.Metric, st *model.Status) {
	taken := make(map[string]bool, len(st.Members))
	for i := range st.Members {
		m := &st.Members[i]
		name := label(m.Name)
		if taken[name] { // etcd lets two members have the same name, not the same ID
			name += " " + m.ID
		}
		taken[name] = true
		s.collectMember(to, m, name, m.ID != "" && m.ID == st.Leader.ID)
	}
}

func (s *memberSeries) collectMember(to chan<- prometheus.Metric, m *model.Member, name string, leads bool) {
	gauge(to, s.up, truth(m.Answered()), name)
	gauge(to, s.leads, truth(leads), name)
	for _, alarm := range m.Alarms {
		gauge(to, s.alarm, 1, name, alarm)
	}
	for _, f := range s.figures {
		if v, ok := f.of(m); ok {
			gauge(to, f.desc, v, name)
		}
	}
}
