package model

import "testing"

func TestQuorumIsThatOfTheVotersThatAnswer(t *testing.T) {
	const (
		up, noLeader    = MemberUp, MemberNoLeader
		down, unstarted = MemberDown, MemberUnstarted
		learner         = MemberState("Up learner")
	)
	for name, c := range map[string]struct {
		members []MemberState
		want    Quorum
		has     bool
	}{
		"none":                       {nil, Quorum{0, 1, 0, -1}, false},
		"1 of 1":                     {[]MemberState{up}, Quorum{1, 1, 1, 0}, true},
		"0 of 1":                     {[]MemberState{down}, Quorum{1, 1, 0, -1}, false},
		"2 of 2":                     {[]MemberState{up, up}, Quorum{2, 2, 2, 0}, true},
		"1 of 2":                     {[]MemberState{up, down}, Quorum{2, 2, 1, -1}, false},
		"3 of 3":                     {[]MemberState{up, up, up}, Quorum{3, 2, 3, 1}, true},
		"2 of 3":                     {[]MemberState{up, down, up}, Quorum{3, 2, 2, 0}, true},
		"1 of 3":                     {[]MemberState{down, down, up}, Quorum{3, 2, 1, -1}, false},
		"0 of 3":                     {[]MemberState{down, down, down}, Quorum{3, 2, 0, -2}, false},
		"3 of 4":                     {[]MemberState{up, up, up, down}, Quorum{4, 3, 3, 0}, true},
		"2 of 4":                     {[]MemberState{up, up, down, down}, Quorum{4, 3, 2, -1}, false},
		"5 of 5":                     {[]MemberState{up, up, up, up, up}, Quorum{5, 3, 5, 2}, true},
		"3 of 5":                     {[]MemberState{up, down, up, down, up}, Quorum{5, 3, 3, 0}, true},
		"2 of 5":                     {[]MemberState{up, down, up, down, down}, Quorum{5, 3, 2, -1}, false},
		"no leader answers":          {[]MemberState{noLeader, noLeader, down}, Quorum{3, 2, 2, 0}, true},
		"a learner has no vote":      {[]MemberState{up, down, learner}, Quorum{2, 2, 1, -1}, false},
		"and needs none":             {[]MemberState{up, up, up, learner}, Quorum{3, 2, 3, 1}, true},
		"only a learner":             {[]MemberState{learner}, Quorum{0, 1, 0, -1}, false},
		"an unstarted member counts": {[]MemberState{up, unstarted}, Quorum{2, 2, 1, -1}, false},
		"of four one is unstarted":   {[]MemberState{up, up, up, unstarted}, Quorum{4, 3, 3, 0}, true},
	} {
		members := make([]Member, len(c.members))
		for i, state := range c.members {
			members[i] = Member{State: state}
			if state == learner {
				members[i] = Member{State: up, IsLearner: true}
			}
		}
		got := QuorumOf(members)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got.Has() != c.has {
			t.Errorf("%s: has quorum: %v", name, got.Has())
		}
	}
	if (Quorum{}).Has() {
		t.Error("a cluster that was not looked at has a quorum")
	}
}
