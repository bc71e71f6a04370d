package members

import (
	"fmt"
	"slices"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const reasonNoWay = "not reachable from here"

// withList makes a row of every listed member.
func withList(listed []*etcdserverpb.Member, answers []answer, known []Known) []model.Member {
	rows := make([]model.Member, 0, len(listed))
	for _, m := range listed {
		row := model.Member{
			Name: m.Name, ID: hex(m.ID), Endpoints: m.ClientURLs, PeerURLs: m.PeerURLs,
			IsLearner: m.IsLearner, Role: model.RoleUnknown, State: model.MemberDown,
		}
		if row.Name == "" {
			row.Name = row.ID
		}
		i := slices.IndexFunc(answers, func(a answer) bool { return a.comesFrom(m) })
		if i < 0 {
			i = slices.IndexFunc(answers, func(a answer) bool { return a.err != nil && leadsTo(a.endpoint, m, known) })
		}
		switch {
		case i >= 0:
			hear(&row, answers[i])
		case len(m.ClientURLs) == 0:
			row.State, row.Reason = model.MemberUnstarted, "added to the cluster, never joined"
		default:
			row.Endpoint, row.Reason = m.ClientURLs[0], reasonNoWay
		}
		rows = append(rows, row)
	}
	return rows
}

// strangers says of the endpoints that belong to no listed member what came of
// asking them.
func strangers(listed []*etcdserverpb.Member, answers []answer, known []Known) []string {
	var found []string
	for _, a := range answers {
		belongs := func(m *etcdserverpb.Member) bool {
			return a.comesFrom(m) || a.err != nil && leadsTo(a.endpoint, m, known)
		}
		switch {
		case slices.ContainsFunc(listed, belongs):
		case a.err != nil:
			found = append(found, fmt.Sprintf("endpoint %s: %s", a.endpoint, etcd.Reason(a.err)))
		default:
			found = append(found, fmt.Sprintf("endpoint %s: its member %s is not of this cluster",
				a.endpoint, hex(a.status.Header.MemberId)))
		}
	}
	return found
}

// comesFrom reports whether the member itself answered.
func (a answer) comesFrom(m *etcdserverpb.Member) bool {
	return a.err == nil && a.status.Header.MemberId == m.ID
}

// leadsTo reports whether the endpoint is one of the member's, by the addresses
// that it advertises or by the name under which the target knows it.
func leadsTo(endpoint string, m *etcdserverpb.Member, known []Known) bool {
	return slices.Contains(m.ClientURLs, endpoint) ||
		m.Name != "" && slices.Contains(known, Known{Name: m.Name, Endpoint: endpoint})
}

// withoutList makes rows of the endpoints, and of the members that the target
// knows of.
func withoutList(answers []answer, known []Known) []model.Member {
	rows := make([]model.Member, 0, len(answers))
	for _, a := range answers {
		row := model.Member{Name: a.endpoint, Role: model.RoleUnknown, State: model.MemberDown}
		i := slices.IndexFunc(known, func(k Known) bool { return k.Endpoint == a.endpoint })
		if i >= 0 {
			row.Name = known[i].Name
		}
		hear(&row, a)
		rows = append(rows, row)
	}
	for _, k := range known {
		if !slices.ContainsFunc(answers, func(a answer) bool { return a.endpoint == k.Endpoint }) {
			rows = append(rows, model.Member{
				Name: k.Name, Endpoint: k.Endpoint, Role: model.RoleUnknown, State: model.MemberDown, Reason: reasonNoWay,
			})
		}
	}
	return rows
}

// again is the row of a member that was asked once more.
func again(old model.Member, a answer) model.Member {
	row := model.Member{
		Name: old.Name, ID: old.ID, Endpoints: old.Endpoints, PeerURLs: old.PeerURLs,
		IsLearner: old.IsLearner, Role: model.RoleUnknown, State: model.MemberDown,
	}
	hear(&row, a)
	return row
}

// hear enters into a row what came of asking its member.
func hear(row *model.Member, a answer) {
	row.Endpoint = a.endpoint
	if a.err != nil {
		row.Reason = etcd.Reason(a.err)
		return
	}
	row.ID = hex(a.status.Header.MemberId)
	fill(row, a.status)
}

// fill adds what a member says of itself.
func fill(row *model.Member, s *clientv3.StatusResponse) {
	row.State = model.MemberUp
	row.Version, row.StorageVersion = s.Version, s.StorageVersion
	row.DBSize, row.DBSizeInUse, row.DBSizeQuota = &s.DbSize, &s.DbSizeInUse, &s.DbSizeQuota
	row.RaftTerm, row.RaftIndex, row.RaftApplied = &s.RaftTerm, &s.RaftIndex, &s.RaftAppliedIndex
	row.Revision = &s.Header.Revision
	row.IsLearner = s.IsLearner
	row.Errors = s.Errors
	switch {
	case s.IsLearner:
		row.Role = model.RoleLearner
	case s.Leader == s.Header.MemberId:
		row.Role = model.RoleLeader
	default:
		row.Role = model.RoleFollower
	}
	if s.Leader == 0 {
		row.State, row.Reason = model.MemberNoLeader, "knows no raft leader"
	} else {
		row.LeaderID = hex(s.Leader)
	}
}

func hex(id uint64) string { return fmt.Sprintf("%x", id) }
