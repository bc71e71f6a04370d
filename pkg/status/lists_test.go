package status_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

func TestMembersAndLeaderAreListedWhileMembersAreLost(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	s := sourceOf(c)
	awaitHealthy(t, s)
	leading, lost := c.Leader(), c.Members[0]
	if lost == leading {
		lost = c.Members[1]
	}
	lost.Stop()

	list := status.Members(t.Context(), s)
	quorum := model.Quorum{Voters: 3, Needed: 2, Up: 2}
	if list.Kind != model.KindMemberList || list.ClusterID == "" || len(list.Items) != 3 || list.Quorum != quorum || len(list.Errors) > 0 {
		t.Errorf("members are %+v", list)
	}
	leader, verdict := status.Leader(t.Context(), s)
	if leader.Kind != model.KindLeader || leader.Quorum != quorum || verdict != model.Degraded || len(leader.Errors) > 0 {
		t.Errorf("leader is %+v, %s", leader, verdict)
	}
	want := make(map[string]string)
	got := make(map[string]string)
	for i, m := range c.Members {
		id := list.Items[i].ID
		switch m {
		case lost:
			want[m.Name] = id + " down: connection refused"
		case leading:
			want[m.Name] = id + " leads"
			if l := leader.Leader; l.Name != m.Name || l.ID != id || l.Term == 0 {
				t.Errorf("%s, with id %s, leads, not %+v", m.Name, id, l)
			}
		default:
			want[m.Name] = id + " could lead, but losing the leader would lose the quorum"
		}
	}
	for _, m := range leader.Candidates {
		got[m.Name] = m.ID + " " + m.Reason
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}

	for _, m := range c.Members {
		m.Stop()
	}
	list = status.Members(t.Context(), s)
	leader, verdict = status.Leader(t.Context(), s)
	if len(list.Items) != 3 || len(list.Errors) != 1 {
		t.Errorf("without members: rows %q, errors %q", memberLines(list.Items), list.Errors)
	}
	if leader.Leader.Name != "" || len(leader.Candidates) != 3 || len(leader.Errors) != 1 || verdict != model.Unknown {
		t.Errorf("without members: leader is %+v, %s", leader, verdict)
	}
}
