package status_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// unhealthyWithin is how soon the loss of the quorum is told.
const unhealthyWithin = 3 * time.Second

func TestVerdictFollowsTheMembersThatAreLost(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	put(t, c.Client(), fleet(t, 2))
	s := sourceOf(c, nodeName(0), nodeName(1))
	alive := []string{"node-0001 Alive", "node-0002 Alive"}
	first := awaitHealthy(t, s)
	if len(first.Reasons) > 0 || len(first.Errors) > 0 || first.Leader.Name != c.Leader().Name {
		t.Errorf("healthy, with reasons %q, errors %q, leader %+v", first.Reasons, first.Errors, first.Leader)
	}

	leader := c.Leader()
	follower := c.Members[0]
	if follower == leader {
		follower = c.Members[1]
	}
	for _, lost := range []struct {
		what   string
		member *testcluster.Member
	}{{"a follower", follower}, {"the leader", leader}} {
		t.Run(lost.what, func(t *testing.T) {
			lost.member.Stop()
			st := status.Gather(t.Context(), s)
			reasons := []string{"member " + lost.member.Name + " is down: connection refused"}
			if diff := cmp.Diff(reasons, st.Reasons); diff != "" || st.Verdict != model.Degraded {
				t.Errorf("%s, reasons (-want +got):\n%s", st.Verdict, diff)
			}
			if diff := cmp.Diff(alive, stateLines(st.Nodes)); diff != "" {
				t.Errorf("nodes (-want +got):\n%s", diff)
			}
			if len(st.Members) != 3 || st.Leader.Name == "" || st.Leader.Name == lost.member.Name {
				t.Errorf("members %q, led by %+v", memberLines(st.Members), st.Leader)
			}
			lost.member.Start()
			awaitHealthy(t, s)
		})
	}

	c.Members[0].Stop()
	c.Members[1].Stop()
	// A pool of its own, as a command has: one that has seen a member refuse may
	// not ask it again for a second.
	s = sourceOf(c, s.Hosts...)
	begin := time.Now()
	st := status.Gather(t.Context(), s)
	if took := time.Since(begin); took > unhealthyWithin {
		t.Errorf("the loss of the quorum is told after %v", took)
	}
	if diff := cmp.Diff([]string{"no quorum: 1 of 3 voting members answer, 2 are needed"}, st.Reasons); diff != "" || st.Verdict != model.Unhealthy {
		t.Errorf("without a quorum: %s, reasons (-want +got):\n%s", st.Verdict, diff)
	}
	if diff := cmp.Diff([]string{"node-0001 Unknown was Alive", "node-0002 Unknown was Alive"}, stateLines(st.Nodes)); diff != "" {
		t.Errorf("without a quorum, nodes (-want +got):\n%s", diff)
	}
	if len(st.Members) != 3 || st.Leader.Name != "" {
		t.Errorf("without a quorum: members %q, led by %+v", memberLines(st.Members), st.Leader)
	}
	checkNodes(t, s, model.Unhealthy)

	c.Members[2].Stop()
	st = status.Gather(t.Context(), s)
	if diff := cmp.Diff([]string{"no member answers"}, st.Reasons); diff != "" || st.Verdict != model.Unknown {
		t.Errorf("without members: %s, reasons (-want +got):\n%s", st.Verdict, diff)
	}
	want := []string{"etcd-1 Down connection refused", "etcd-2 Down connection refused", "etcd-3 Down connection refused"}
	if diff := cmp.Diff(want, memberLines(st.Members)); diff != "" {
		t.Errorf("without members (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"node-0001 Unknown", "node-0002 Unknown"}, stateLines(st.Nodes)); diff != "" {
		t.Errorf("without members, nodes (-want +got):\n%s", diff)
	}
	if len(st.Errors) != 2 {
		t.Errorf("without members, errors are %q, want those of member list and nodes", st.Errors)
	}
	checkNodes(t, s, model.Unknown)

	c.Restart()
	st = awaitHealthy(t, s)
	if diff := cmp.Diff(alive, stateLines(st.Nodes)); diff != "" {
		t.Errorf("started again, nodes (-want +got):\n%s", diff)
	}
}

func TestLossOfTheQuorumIsToldInTimeOfMembersThatHang(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	put(t, c.Client(), fleet(t, 1))
	s := sourceOf(c)
	awaitHealthy(t, s)
	c.Members[0].Cut()
	c.Members[1].Cut()
	begin := time.Now()
	st := status.Gather(t.Context(), s)
	if took := time.Since(begin); took > unhealthyWithin {
		t.Errorf("the loss of the quorum is told after %v", took)
	}
	if diff := cmp.Diff([]string{"no quorum: 1 of 3 voting members answer, 2 are needed"}, st.Reasons); diff != "" || st.Verdict != model.Unhealthy {
		t.Errorf("%s, reasons (-want +got):\n%s", st.Verdict, diff)
	}
	want := []string{"etcd-1 Down no answer in time", "etcd-2 Down no answer in time", "etcd-3 Up"}
	if diff := cmp.Diff(want, memberLines(st.Members)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	c.Members[0].Mend()
	c.Members[1].Mend()
	awaitHealthy(t, s)
}

// checkNodes checks that the nodes alone are Unknown, for a reason of that rank.
func checkNodes(t *testing.T, s *status.Source, want model.Verdict) {
	t.Helper()
	list, _, err := status.Nodes(t.Context(), s, nil)
	if err == nil || status.VerdictUnread(err) != want {
		t.Errorf("nodes cannot be read: %v, which is %s, want %s", err, status.VerdictUnread(err), want)
	}
	if len(list.Items) != 2 || list.Counts.Unknown != 2 || len(list.Errors) != 1 {
		t.Errorf("nodes that cannot be read are %q, errors %q", stateLines(list.Items), list.Errors)
	}
}

// awaitHealthy looks until all is well again, with nothing done for it.
func awaitHealthy(t *testing.T, s *status.Source) *model.Status {
	t.Helper()
	deadline := time.Now().Add(patient)
	for {
		st := status.Gather(t.Context(), s)
		if st.Verdict == model.Healthy {
			return st
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %q", st.Verdict, st.Reasons)
		}
	}
}
