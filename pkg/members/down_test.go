package members_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestMembersThatAreDownKeepTheirRowsAndSayWhy(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	pool := c.Pool()
	look := func(t *testing.T, want ...string) *members.Report {
		t.Helper()
		begin := time.Now()
		r := members.Look(t.Context(), pool, known(c), dial)
		if took := time.Since(begin); took > once {
			t.Errorf("looking took %v, want at most %v", took, once)
		}
		if diff := cmp.Diff(want, summary(r)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		return r
	}
	listed := look(t, "etcd-1 Up", "etcd-2 Up", "etcd-3 Up")

	t.Run("hung", func(t *testing.T) {
		c.Members[0].Cut()
		defer c.Members[0].Mend()
		look(t, "etcd-1 Down: no answer in time", "etcd-2 Up", "etcd-3 Up")
	})
	t.Run("all hung, at the cost of one", func(t *testing.T) {
		for _, m := range c.Members {
			m.Cut()
			defer m.Mend()
		}
		r := look(t, "etcd-1 Down: no answer in time", "etcd-2 Down: no answer in time", "etcd-3 Down: no answer in time")
		if r.Answered() {
			t.Error("the report says that somebody answered")
		}
	})
	t.Run("stopped", func(t *testing.T) {
		c.Members[0].Stop()
		look(t, "etcd-1 Down: connection refused", "etcd-2 Up", "etcd-3 Up")
	})
	t.Run("stopped and hung", func(t *testing.T) {
		c.Members[1].Cut()
		defer c.Members[1].Mend()
		look(t, "etcd-1 Down: connection refused", "etcd-2 Down: no answer in time", "etcd-3 Up")
	})
	t.Run("without a quorum", func(t *testing.T) {
		c.Members[1].Stop()
		awaitNoLeader(t, c)
		r := look(t, "etcd-1 Down: connection refused", "etcd-2 Down: connection refused", "etcd-3 NoLeader: knows no raft leader")
		for i, m := range r.Items {
			if m.ID != listed.Items[i].ID || !cmp.Equal(m.PeerURLs, listed.Items[i].PeerURLs) {
				t.Errorf("without a quorum %s is listed as %+v", m.Name, m)
			}
		}
		if r.ClusterID != listed.ClusterID {
			t.Errorf("cluster id is %q, was %q", r.ClusterID, listed.ClusterID)
		}
	})
	t.Run("all stopped", func(t *testing.T) {
		c.Members[2].Stop()
		r := look(t, "etcd-1 Down: connection refused", "etcd-2 Down: connection refused", "etcd-3 Down: connection refused")
		if len(r.Errors) != 1 {
			t.Errorf("errors are %q, want that of the member list", r.Errors)
		}
		pool = poolOf(t, c.Members[1].Endpoint())
		look(t, "etcd-1 Down: not reachable from here", "etcd-2 Down: connection refused", "etcd-3 Down: not reachable from here")
	})
}

func TestLeaderIsNeverADeadMember(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	pool := c.Pool()
	dead := c.Leader()
	if l, ok := members.Look(t.Context(), pool, nil, nil).Leader(); !ok || l.Name != dead.Name {
		t.Fatalf("leader is %+v, want %s", l, dead.Name)
	}
	dead.Cut() // its followers go on naming it, and rightly
	r := members.Look(t.Context(), pool, nil, nil)
	if l, ok := r.Leader(); ok || l.Name != "" || l.ID != "" {
		t.Errorf("leader is %+v, which does not answer", l)
	}
	dead.Mend()

	r = members.Look(t.Context(), pool, nil, nil)
	dead.Cut()
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	r.Refresh(soon, pool)
	if got := rowOf(t, r, dead.Name); got.State != model.MemberUp {
		t.Errorf("what a refresh had no time for did not stay as it was: %+v", got)
	}
	r.Refresh(t.Context(), pool)
	if l, ok := r.Leader(); ok || rowOf(t, r, dead.Name).Reason != "no answer in time" {
		t.Errorf("after a refresh that had the time, leader is %+v; rows %q", l, summary(r))
	}
	dead.Mend()

	r = members.Look(t.Context(), pool, nil, nil)
	dead.Stop()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r.Refresh(t.Context(), pool)
		l, ok := r.Leader()
		if l.Name == dead.Name {
			t.Fatalf("leader is %+v, which is dead; rows %q", l, summary(r))
		}
		if ok {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no leader is found again; rows %q", summary(r))
		}
	}
	if got := rowOf(t, r, dead.Name); got.State != model.MemberDown || got.Reason != "connection refused" || got.RaftTerm != nil {
		t.Errorf("after a refresh the dead member is %+v", got)
	}
}

func TestWithoutAQuorumNobodyLeads(t *testing.T) {
	t.Parallel()
	term := uint64(7)
	says := model.Member{Name: "a", ID: "a", State: model.MemberUp, Role: model.RoleLeader, LeaderID: "a", RaftTerm: &term}
	r := members.Report{Items: []model.Member{says, {Name: "b", State: model.MemberDown}}}
	if l, ok := r.Leader(); ok || l != (model.LeaderInfo{}) {
		t.Errorf("one of two says that it leads, and is believed: %+v", l)
	}
	r.Items = r.Items[:1]
	if l, ok := r.Leader(); !ok || l != (model.LeaderInfo{Name: "a", ID: "a", Term: term}) {
		t.Errorf("one alone says that it leads, and is not believed: %+v", l)
	}
}

// awaitNoLeader waits until the last member has noticed that it is alone.
func awaitNoLeader(t *testing.T, c *testcluster.Cluster) {
	t.Helper()
	last := c.Members[len(c.Members)-1].Endpoint()
	pool := poolOf(t, last)
	deadline := time.Now().Add(20 * time.Second)
	for {
		s, err := pool.Clients()[0].Status(t.Context(), last)
		if err == nil && s.Leader == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s still has a leader: %v, %v", last, s, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
