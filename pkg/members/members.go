package members

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// StatusTimeout is what one member that does not answer costs, once.
const StatusTimeout = 2 * time.Second

// Known is a member that the target names, so that it can be shown while no
// member answers.
type Known struct {
	Name     string
	Endpoint string
}

// Report is what was found out about the members.
type Report struct {
	ClusterID string
	Items     []model.Member
	// Errors names what could not be read.
	Errors []string
}

// Answered reports whether any member's status could be read.
func (r *Report) Answered() bool {
	return slices.ContainsFunc(r.Items, func(m model.Member) bool { return m.Answered() })
}

// Leader is the raft leader, if the members that answer know one, and it answers.
func (r *Report) Leader() (model.LeaderInfo, bool) {
	var found model.LeaderInfo
	for _, m := range r.Items {
		if !m.Answered() || m.LeaderID == "" || *m.RaftTerm < found.Term {
			continue
		}
		found = model.LeaderInfo{ID: m.LeaderID, Term: *m.RaftTerm}
	}
	for _, m := range r.Items {
		if m.ID == found.ID && m.Answered() {
			found.Name = m.Name
			return found, true
		}
	}
	// Members name a leader that died until they elect another one.
	return model.LeaderInfo{Term: found.Term}, false
}

// Dialer reaches members that the pool does not: those that only the member list
// names. It is nil where the listed addresses mean nothing to the caller.
type Dialer func(endpoints []string) (*etcd.Pool, error)

// Look asks every member for its status, all at once, and any of them for the
// member list.
func Look(ctx context.Context, pool *etcd.Pool, known []Known, dial Dialer) *Report {
	ctx, cancel := context.WithTimeout(ctx, StatusTimeout)
	defer cancel()
	var (
		asking  sync.WaitGroup
		answers []answer
		list    *clientv3.MemberListResponse
		listErr error
	)
	asking.Go(func() { answers = ask(ctx, pool) })
	asking.Go(func() { list, listErr = memberList(ctx, pool) })
	asking.Wait()

	r := new(Report)
	if listErr != nil {
		r.Errors = append(r.Errors, "member list: "+etcd.Reason(listErr))
		r.Items = withoutList(answers, known)
	} else {
		r.ClusterID = hex(list.Header.ClusterId)
		answers = append(answers, askUnreached(ctx, list.Members, answers, dial)...)
		r.Items = withList(list.Members, answers)
	}
	addAlarms(r.Items)
	addLag(r.Items)
	slices.SortStableFunc(r.Items, func(a, b model.Member) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

// Refresh asks the members that have answered once more, and no others: one that
// does not answer has cost its time already.
func (r *Report) Refresh(ctx context.Context, pool *etcd.Pool) {
	ctx, cancel := context.WithTimeout(ctx, StatusTimeout)
	defer cancel()
	var asking sync.WaitGroup
	for i := range r.Items {
		row := &r.Items[i]
		for _, c := range pool.Clients() {
			if !row.Answered() || c.Endpoint() != row.Endpoint {
				continue
			}
			asking.Go(func() {
				if status, err := c.Status(ctx, c.Endpoint()); err == nil {
					row.Reason, row.LeaderID = "", ""
					fill(row, status)
				}
			})
		}
	}
	asking.Wait()
	addLag(r.Items)
}

// memberList reads the list linearizably, or what one member has of it when
// there is no quorum.
func memberList(ctx context.Context, pool *etcd.Pool) (*clientv3.MemberListResponse, error) {
	// Without a quorum the linearizable list takes all the time there is: the
	// other one is asked for at the same time, and waits for its turn.
	local := make(chan *clientv3.MemberListResponse, 1)
	go func() {
		list, err := etcd.Read(ctx, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.MemberListResponse, error) {
			return c.MemberList(ctx, clientv3.WithSerializable())
		})
		if err != nil {
			list = nil
		}
		local <- list
	}()
	agreed, cancel := context.WithTimeout(ctx, StatusTimeout/2)
	defer cancel()
	list, err := etcd.Read(agreed, pool, func(ctx context.Context, c *etcd.Client) (*clientv3.MemberListResponse, error) {
		return c.MemberList(ctx)
	})
	if err == nil {
		return list, nil
	}
	if list := <-local; list != nil {
		return list, nil
	}
	return nil, err
}

// answer is what one endpoint said, or why it said nothing.
type answer struct {
	endpoint string
	status   *clientv3.StatusResponse
	err      error
}

func ask(ctx context.Context, pool *etcd.Pool) []answer {
	clients := pool.Clients()
	answers := make([]answer, len(clients))
	var asking sync.WaitGroup
	for i, c := range clients {
		asking.Go(func() {
			status, err := c.Status(ctx, c.Endpoint())
			answers[i] = answer{c.Endpoint(), status, err}
		})
	}
	asking.Wait()
	return answers
}

// askUnreached asks the listed members that no endpoint of the pool belongs to.
func askUnreached(ctx context.Context, listed []*etcdserverpb.Member, answers []answer, dial Dialer) []answer {
	if dial == nil {
		return nil
	}
	tried := make(map[string]bool)
	reached := make(map[uint64]bool)
	for _, a := range answers {
		tried[a.endpoint] = true
		if a.err == nil {
			reached[a.status.Header.MemberId] = true
		}
	}
	var more []string
	for _, m := range listed {
		if !reached[m.ID] && len(m.ClientURLs) > 0 && !tried[m.ClientURLs[0]] {
			more = append(more, m.ClientURLs[0])
		}
	}
	if len(more) == 0 {
		return nil
	}
	pool, err := dial(more)
	if err != nil {
		return nil
	}
	defer pool.Close()
	return ask(ctx, pool)
}

// withList makes a row of every listed member.
func withList(listed []*etcdserverpb.Member, answers []answer) []model.Member {
	rows := make([]model.Member, 0, len(listed))
	for _, m := range listed {
		row := model.Member{
			Name: m.Name, ID: hex(m.ID), Endpoints: m.ClientURLs, PeerURLs: m.PeerURLs,
			IsLearner: m.IsLearner, Role: model.RoleUnknown, State: model.MemberDown,
		}
		if row.Name == "" {
			row.Name = row.ID
		}
		switch a := find(answers, m); {
		case len(m.ClientURLs) == 0:
			row.State, row.Reason = model.MemberUnstarted, "added to the cluster, never joined"
		case a == nil:
			row.Endpoint, row.Reason = m.ClientURLs[0], "not reachable from here"
		case a.err != nil:
			row.Endpoint, row.Reason = a.endpoint, etcd.Reason(a.err)
		default:
			row.Endpoint = a.endpoint
			fill(&row, a.status)
		}
		rows = append(rows, row)
	}
	return rows
}

// find returns the member's own answer, else a failure at one of its addresses.
func find(answers []answer, m *etcdserverpb.Member) *answer {
	var failure *answer
	for i := range answers {
		switch a := &answers[i]; {
		case a.err == nil && a.status.Header.MemberId == m.ID:
			return a
		case a.err != nil && slices.Contains(m.ClientURLs, a.endpoint):
			failure = a
		}
	}
	return failure
}

// withoutList makes rows of the endpoints, and of the members that the target
// knows of.
func withoutList(answers []answer, known []Known) []model.Member {
	rows := make([]model.Member, 0, len(answers))
	for _, a := range answers {
		row := model.Member{Name: a.endpoint, Endpoint: a.endpoint, Role: model.RoleUnknown, State: model.MemberDown}
		for _, k := range known {
			if k.Endpoint == a.endpoint {
				row.Name = k.Name
			}
		}
		if a.err != nil {
			row.Reason = etcd.Reason(a.err)
		} else {
			row.ID = hex(a.status.Header.MemberId)
			fill(&row, a.status)
		}
		rows = append(rows, row)
	}
	return rows
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

// alarm is how a member's status words one, among its errors.
var alarm = regexp.MustCompile(`memberID:(\d+)\s+alarm:(\w+)`)

// addAlarms finds the alarms in what the members report as errors. The call that
// lists them would cost a raft entry, and never return without a quorum.
func addAlarms(rows []model.Member) {
	for i := range rows {
		for _, text := range rows[i].Errors {
			m := alarm.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			id, err := strconv.ParseUint(m[1], 10, 64)
			if err != nil {
				continue
			}
			for j := range rows {
				if rows[j].ID == hex(id) && !slices.Contains(rows[j].Alarms, m[2]) {
					rows[j].Alarms = append(rows[j].Alarms, m[2])
				}
			}
		}
	}
}

// addLag tells how many entries each member's state is behind the newest that
// any of them knows of. The statuses are a moment apart, so a busy cluster shows
// a few.
func addLag(rows []model.Member) {
	var newest uint64
	for _, r := range rows {
		if r.RaftIndex != nil {
			newest = max(newest, *r.RaftIndex)
		}
	}
	for i := range rows {
		if r := &rows[i]; r.RaftApplied != nil {
			lag := newest - min(newest, *r.RaftApplied)
			r.RaftLag = &lag
		}
	}
}

func hex(id uint64) string { return fmt.Sprintf("%x", id) }
