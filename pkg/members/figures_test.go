package members_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestFiguresAreThoseThatTheMembersTell(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	leader := c.Leader().Name
	if _, err := c.Client().Put(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	r, told := lookAtRest(t, c)

	if len(r.Errors) > 0 {
		t.Errorf("errors: %q", r.Errors)
	}
	hex := regexp.MustCompile(`^[0-9a-f]{1,16}$`)
	for i, m := range c.Members {
		row, s := rowOf(t, r, m.Name), told[i]
		lag, role := uint64(0), model.RoleFollower
		if m.Name == leader {
			role = model.RoleLeader
		}
		want := model.Member{
			Name: m.Name, ID: hexOf(s.Header.MemberId), Endpoint: m.Endpoint(), Endpoints: []string{m.Endpoint()},
			PeerURLs: row.PeerURLs, Role: role, State: model.MemberUp,
			Version: s.Version, StorageVersion: s.StorageVersion,
			DBSize: &s.DbSize, DBSizeInUse: &s.DbSizeInUse, DBSizeQuota: &s.DbSizeQuota,
			LeaderID: hexOf(s.Leader), RaftTerm: &s.RaftTerm, RaftIndex: &s.RaftIndex, RaftApplied: &s.RaftAppliedIndex,
			RaftLag: &lag, Revision: &s.Header.Revision,
		}
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("%s (-status +row):\n%s", m.Name, diff)
		}
		if s.DbSize == 0 || s.DbSizeQuota == 0 || s.Version == "" || s.Header.Revision < 2 || len(row.PeerURLs) != 1 {
			t.Errorf("%s is compared by too little: %+v", m.Name, s)
		}
		for _, id := range []string{row.ID, row.LeaderID, r.ClusterID} {
			if !hex.MatchString(id) {
				t.Errorf("id %q is not lower-case hex", id)
			}
		}
		if r.ClusterID != hexOf(s.Header.ClusterId) {
			t.Errorf("cluster is %q, want %x", r.ClusterID, s.Header.ClusterId)
		}
	}
}

func TestLearnerAndUnstartedMemberAreShownAsSuch(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	learner := c.AddLearner()
	added, err := c.Client().MemberAdd(t.Context(), []string{"http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	r := members.Look(t.Context(), poolOf(t, c.Members[0].Endpoint()), nil, dial)

	row := rowOf(t, r, learner.Name)
	if row.Role != model.RoleLearner || !row.IsLearner || row.State != model.MemberUp || row.Endpoint != learner.Endpoint() {
		t.Errorf("the learner is %+v", row)
	}
	row = rowOf(t, r, hexOf(added.Member.ID))
	if row.State != model.MemberUnstarted || row.Reason != "added to the cluster, never joined" || row.RaftTerm != nil || row.Answered() {
		t.Errorf("the unstarted member is %+v", row)
	}
	if len(row.PeerURLs) != 1 || row.PeerURLs[0] != "http://127.0.0.1:1" {
		t.Errorf("its peer URLs are %q", row.PeerURLs)
	}
	if q := model.QuorumOf(r.Items); q != (model.Quorum{Voters: 4, Needed: 3, Up: 3}) {
		t.Errorf("quorum is %+v", q)
	}
}

func TestAlarmIsShownWithItsMember(t *testing.T) {
	t.Parallel()
	const quota = 1 << 20
	c := testcluster.Start(t, 3, testcluster.Quota(quota))
	fill(t, c.Client())
	r, told := lookAtRest(t, c)
	armed, err := c.Client().AlarmList(t.Context())
	if err != nil || len(armed.Alarms) == 0 {
		t.Fatalf("armed are %v, %v", armed, err)
	}
	for i, m := range c.Members {
		row := rowOf(t, r, m.Name)
		var want []string
		for _, a := range armed.Alarms {
			if hexOf(a.MemberID) == row.ID {
				want = append(want, a.Alarm.String())
			}
		}
		if diff := cmp.Diff(want, row.Alarms); diff != "" {
			t.Errorf("alarms of %s (-want +got):\n%s", m.Name, diff)
		}
		sorted := cmpopts.SortSlices(strings.Compare)
		if diff := cmp.Diff(told[i].Errors, row.Errors, sorted); diff != "" || len(row.Errors) == 0 {
			t.Errorf("errors of %s (-status +row):\n%s", m.Name, diff)
		}
		if *row.DBSizeQuota != quota {
			t.Errorf("quota of %s is %d", m.Name, *row.DBSizeQuota)
		}
	}
}

func TestParseAlarm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		id, name string
		ok       bool
	}{
		"memberID:255 alarm:NOSPACE":                    {"ff", "NOSPACE", true},
		"memberID:13803658152347727308  alarm:CORRUPT ": {"bf9071f4639c75cc", "CORRUPT", true},
		"etcdserver: no leader":                         {},
		"":                                              {},
		"memberID:99999999999999999999999 alarm:NOSPACE": {"ffffffffffffffff", "NOSPACE", false},
		"memberID:ff alarm:NOSPACE":                      {},
	} {
		if id, name, ok := members.ParseAlarm(text); ok != want.ok || ok && (id != want.id || name != want.name) {
			t.Errorf("%q is %q, %q, %v", text, id, name, ok)
		}
	}
}

// fill puts until there is no space left, which a member sees only when it has
// written to its disk.
func fill(t *testing.T, c *etcd.Client) {
	t.Helper()
	junk := strings.Repeat("x", 256<<10)
	deadline := time.Now().Add(20 * time.Second)
	for {
		_, err := c.Put(t.Context(), "junk", junk)
		if errors.Is(err, rpctypes.ErrNoSpace) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("put until there is no space left: %v", err)
		}
	}
}

// statuses asks every member directly.
func statuses(t *testing.T, c *testcluster.Cluster) []*clientv3.StatusResponse {
	t.Helper()
	var list []*clientv3.StatusResponse
	for _, m := range c.Members {
		s, err := c.Client().Status(t.Context(), m.Endpoint())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// lookAtRest looks while nothing else goes on in the cluster, and returns with
// the report what the members said right before and after. It fails the test if
// looking writes a raft entry.
func lookAtRest(t *testing.T, c *testcluster.Cluster) (*members.Report, []*clientv3.StatusResponse) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		before := statuses(t, c)
		busy := func(s *clientv3.StatusResponse) bool {
			// A new cluster still writes its versions down.
			return s.StorageVersion == "" || s.RaftIndex != before[0].RaftIndex || s.RaftAppliedIndex != s.RaftIndex
		}
		if !slices.ContainsFunc(before, busy) {
			r := members.Look(t.Context(), c.Pool(), nil, nil)
			after := statuses(t, c)
			if after[0].RaftIndex != before[0].RaftIndex {
				t.Fatalf("looking moved the raft index from %d to %d", before[0].RaftIndex, after[0].RaftIndex)
			}
			// bbolt gives pages back when it likes.
			same := func(i int) bool {
				return before[i].DbSize == after[i].DbSize && before[i].DbSizeInUse == after[i].DbSizeInUse
			}
			if same(0) && same(1) && same(2) {
				return r, before
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the members do not come to rest: %v", before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
