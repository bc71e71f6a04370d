package status

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// member is a row of a cluster that member "a" (id a) leads in term 7.
func member(name string, change ...func(*model.Member)) model.Member {
	term := uint64(7)
	m := model.Member{Name: name, ID: name, State: model.MemberUp, Role: model.RoleFollower, LeaderID: "a", RaftTerm: &term}
	if name == "a" {
		m.Role = model.RoleLeader
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func down(m *model.Member) {
	*m = model.Member{
		Name: m.Name, ID: m.ID, IsLearner: m.IsLearner,
		Role: model.RoleUnknown, State: model.MemberDown, Reason: "connection refused",
	}
}

func unstarted(m *model.Member) {
	down(m)
	m.State, m.Reason = model.MemberUnstarted, "added to the cluster, never joined"
}

func leaderless(m *model.Member) {
	m.State, m.Role, m.LeaderID, m.Reason = model.MemberNoLeader, model.RoleFollower, "", "knows no raft leader"
	m.Errors = []string{"etcdserver: no leader"}
}

func learner(m *model.Member) { m.IsLearner, m.Role = true, model.RoleLearner }

func reports(errs ...string) func(*model.Member) {
	return func(m *model.Member) { m.Errors = errs }
}

func armed(alarms ...string) func(*model.Member) {
	return func(m *model.Member) { m.Alarms = alarms }
}

func TestVerdictOfMembersAndItsReasons(t *testing.T) {
	t.Parallel()
	const alarm = "memberID:11  alarm:NOSPACE " // of member b
	for name, tc := range map[string]struct {
		rows    []model.Member
		verdict model.Verdict
		reasons []string
	}{
		"all up":    {[]model.Member{member("a"), member("b"), member("c")}, model.Healthy, nil},
		"one alone": {[]model.Member{member("a")}, model.Healthy, nil},
		"none":      {nil, model.Unknown, []string{"no member answers"}},
		"one down": {
			[]model.Member{member("a"), member("b", down), member("c")},
			model.Degraded, []string{"member b is down: connection refused"},
		},
		"one unstarted": {
			[]model.Member{member("a"), member("b"), member("c"), member("d", unstarted)},
			model.Degraded, []string{"member d is unstarted: added to the cluster, never joined"},
		},
		"learner down": {
			[]model.Member{member("a"), member("b", learner, down)},
			model.Degraded, []string{"member b is down: connection refused"},
		},
		"learner up":       {[]model.Member{member("a"), member("b", learner)}, model.Healthy, nil},
		"one of two lost":  {[]model.Member{member("a"), member("b", down)}, model.Unhealthy, []string{"no quorum: 1 of 2 voting members answer, 2 are needed"}},
		"two of three":     {[]model.Member{member("a", down), member("b", down), member("c", leaderless)}, model.Unhealthy, []string{"no quorum: 1 of 3 voting members answer, 2 are needed"}},
		"all down":         {[]model.Member{member("a", down), member("b", down)}, model.Unknown, []string{"no member answers"}},
		"electing":         {[]model.Member{member("a", leaderless), member("b", leaderless), member("c", down)}, model.Unhealthy, []string{"no raft leader"}},
		"leader just died": {[]model.Member{member("a", down), member("b"), member("c")}, model.Unhealthy, []string{"no raft leader"}},
		"one cut off from its peers": {
			[]model.Member{member("a"), member("b", leaderless), member("c")},
			model.Degraded, []string{"member b knows no raft leader"},
		},
		"alarm, told by all": {
			[]model.Member{member("a", reports(alarm)), member("b", reports(alarm), armed("NOSPACE")), member("c", reports(alarm))},
			model.Degraded, []string{"member b has armed alarm NOSPACE"},
		},
		"alarm of a removed member": {
			[]model.Member{member("a", reports(alarm)), member("c", reports(alarm))},
			model.Degraded, []string{"member b, which is not listed, has armed alarm NOSPACE"},
		},
		"alarm and error": {
			[]model.Member{member("a", reports("disk on fire", alarm)), member("b", armed("CORRUPT", "NOSPACE"))},
			model.Degraded, []string{"member a: disk on fire", "member b has armed alarm CORRUPT, NOSPACE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verdict, reasons := judgeMembers(tc.rows)
			if diff := cmp.Diff(tc.reasons, reasons); diff != "" || verdict != tc.verdict || VerdictOfMembers(tc.rows) != tc.verdict {
				t.Errorf("%s, want %s; reasons (-want +got):\n%s", verdict, tc.verdict, diff)
			}
		})
	}
}

func TestVerdictOfNodesAndItsReasons(t *testing.T) {
	t.Parallel()
	node := func(name string, state model.NodeState) model.Node { return model.Node{Name: name, State: state} }
	rejecting := model.Node{Name: "r", State: model.NodeAlive, ConfigRejected: true}
	for name, tc := range map[string]struct {
		nodes   []model.Node
		reasons []string
	}{
		"none":            {nil, nil},
		"alive and left":  {[]model.Node{node("a", model.NodeAlive), node("b", model.NodeLeft)}, nil},
		"one dead":        {[]model.Node{node("a", model.NodeAlive), node("b", model.NodeDead)}, []string{"node b is dead"}},
		"three stale":     {[]model.Node{node("a", model.NodeStale), node("b", model.NodeStale), node("c", model.NodeStale)}, []string{"nodes a, b, c are stale"}},
		"invalid":         {[]model.Node{node("a", model.NodeInvalid)}, []string{"node a is invalid"}},
		"unknown":         {[]model.Node{node("a", model.NodeUnknown)}, []string{"node a is unknown"}},
		"rejected config": {[]model.Node{rejecting}, []string{"node r has a rejected config"}},
		"of all kinds": {
			[]model.Node{node("d", model.NodeDead), node("i", model.NodeInvalid), rejecting, node("s", model.NodeStale), node("u", model.NodeUnknown)},
			[]string{"node u is unknown", "node i is invalid", "node s is stale", "node d is dead", "node r has a rejected config"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := model.Healthy
			if len(tc.reasons) > 0 {
				want = model.Degraded
			}
			verdict, reasons := judgeNodes(tc.nodes)
			if diff := cmp.Diff(tc.reasons, reasons); diff != "" || verdict != want || VerdictOfNodes(tc.nodes) != want {
				t.Errorf("%s, want %s; reasons (-want +got):\n%s", verdict, want, diff)
			}
		})
	}
}

func TestVerdictIsTheWorstAndGivesAllReasons(t *testing.T) {
	t.Parallel()
	dead := []model.Node{{Name: "n", State: model.NodeDead}}
	up, lost := []model.Member{member("a")}, []model.Member{member("a"), member("b"), member("c", down)}
	for name, tc := range map[string]struct {
		members []model.Member
		nodes   []model.Node
		unread  error
		verdict model.Verdict
		reasons []string
	}{
		"all well":     {up, nil, nil, model.Healthy, nil},
		"a node":       {up, dead, nil, model.Degraded, []string{"node n is dead"}},
		"a member":     {lost, nil, nil, model.Degraded, []string{"member c is down: connection refused"}},
		"both":         {lost, dead, nil, model.Degraded, []string{"member c is down: connection refused", "node n is dead"}},
		"no quorum":    {lost[1:], dead, nil, model.Unhealthy, []string{"no quorum: 1 of 2 voting members answer, 2 are needed"}},
		"unread keys":  {up, nil, errors.New("permission denied"), model.Degraded, []string{"the nodes cannot be read: permission denied"}},
		"both, unread": {lost[1:], nil, errNoQuorum, model.Unhealthy, []string{"no quorum: 1 of 2 voting members answer, 2 are needed"}},
		"nobody says":  {lost[2:], dead, nil, model.Unknown, []string{"no member answers"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verdict, reasons := judge(tc.members, seen{nodes: tc.nodes, err: tc.unread})
			if diff := cmp.Diff(tc.reasons, reasons); diff != "" || verdict != tc.verdict {
				t.Errorf("%s, want %s; reasons (-want +got):\n%s", verdict, tc.verdict, diff)
			}
		})
	}
}

func TestReasonNamesAFewNodesAndCountsTheRest(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"node a is":                     {"a"},
		"nodes a, b are":                {"a", "b"},
		"nodes a, b, c are":             {"a", "b", "c"},
		"nodes a, b, c and 1 more are":  {"a", "b", "c", "d"},
		"nodes a, b, c and 97 more are": append([]string{"a", "b", "c"}, make([]string, 97)...),
	} {
		if got := some(names, "is", "are"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestUnreadKeysAreUnhealthyOnlyWhereMembersAnswer(t *testing.T) {
	t.Parallel()
	if got := VerdictUnread(errNoQuorum); got != model.Unhealthy {
		t.Errorf("without a quorum: %s", got)
	}
	if got := VerdictUnread(errors.New("connection refused")); got != model.Unknown {
		t.Errorf("without an answer: %s", got)
	}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	all, few := model.Quorum{Voters: 3, Needed: 2, Up: 3, MayLose: 1}, model.Quorum{Voters: 3, Needed: 2, Up: 2}
	none := model.Quorum{Voters: 3, Needed: 2, Up: 1, MayLose: -1}
	lag := uint64(4)
	lagging := func(m *model.Member) { m.RaftLag = &lag }
	for name, tc := range map[string]struct {
		member model.Member
		quorum model.Quorum
		can    bool
		reason string
	}{
		"leader":                    {member("a"), all, true, "leads"},
		"follower":                  {member("b", lagging), all, true, ""},
		"follower of the last two":  {member("b"), few, true, "could lead, but losing the leader would lose the quorum"},
		"leader of the last two":    {member("a"), few, true, "leads"},
		"leader without a quorum":   {member("a"), none, false, "no quorum: 1 of 3 voters answer"},
		"follower without a quorum": {member("b", leaderless), none, false, "no quorum: 1 of 3 voters answer"},
		"cut off from the others":   {member("b", leaderless), all, false, "knows no raft leader"},
		"learner":                   {member("b", learner), all, false, "a learner has no vote"},
		"down":                      {member("b", down), few, false, "down: connection refused"},
		"unstarted":                 {member("b", unstarted), all, false, "unstarted: added to the cluster, never joined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := tc.member
			want := model.Candidate{Name: m.Name, ID: m.ID, Role: m.Role, Lag: m.RaftLag, Can: tc.can, Reason: tc.reason}
			if diff := cmp.Diff(want, candidate(&m, tc.quorum)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
