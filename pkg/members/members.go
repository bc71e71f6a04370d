package members

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

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
	// Errors names what could not be read, and the endpoints that belong to no
	// listed member.
	Errors []string

	dial Dialer
}

// Answered reports whether any member's status could be read.
func (r *Report) Answered() bool {
	return slices.ContainsFunc(r.Items, func(m model.Member) bool { return m.Answered() })
}

// Leader is the raft leader, if the members that answer know one, and it answers.
// Without a quorum there is none: one that has just lost it still says that it leads.
func (r *Report) Leader() (model.LeaderInfo, bool) {
	if !model.QuorumOf(r.Items).Has() {
		return model.LeaderInfo{}, false
	}
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
// member list. It takes StatusTimeout at most, and a moment more where nobody
// answers.
func Look(ctx context.Context, pool *etcd.Pool, known []Known, dial Dialer) *Report {
	ctx, cancel := context.WithTimeout(ctx, StatusTimeout)
	defer cancel()
	var (
		asking          sync.WaitGroup
		answers, others []answer
		list            *clientv3.MemberListResponse
		listErr         error
	)
	asking.Go(func() { answers = ask(ctx, pool.Clients()) })
	asking.Go(func() {
		if list, listErr = memberList(ctx, pool); listErr == nil {
			// At once: a member of the pool that hangs takes all the time there is.
			others = askUnreached(ctx, list.Members, pool, dial)
		}
	})
	asking.Wait()

	r := &Report{dial: dial}
	if listErr != nil {
		r.Errors = append(r.Errors, "member list: "+etcd.Reason(listErr))
		r.Items = withoutList(answers, known)
	} else {
		r.ClusterID = hex(list.Header.ClusterId)
		r.Items = withList(list.Members, append(answers, others...), known)
		r.Errors = strangers(list.Members, answers, known)
	}
	r.compare()
	slices.SortStableFunc(r.Items, func(a, b model.Member) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

// Refresh asks the members that have answered once more, and no others: one that
// does not answer has cost its time already. It takes StatusTimeout at most; a
// member for which ctx leaves less than it needs stays as it was.
func (r *Report) Refresh(ctx context.Context, pool *etcd.Pool) {
	asked, cancel := context.WithTimeout(ctx, StatusTimeout)
	defer cancel()
	endpoints := make([]string, 0, len(r.Items))
	for i := range r.Items {
		if r.Items[i].Answered() {
			endpoints = append(endpoints, r.Items[i].Endpoint)
		}
	}
	for _, a := range askAt(asked, endpoints, pool, r.dial) {
		if a.err != nil && over(ctx) {
			continue
		}
		i := slices.IndexFunc(r.Items, func(m model.Member) bool { return m.Endpoint == a.endpoint })
		r.Items[i] = again(r.Items[i], a)
	}
	r.compare()
}

// compare fills in what only all members together tell.
func (r *Report) compare() {
	addAlarms(r.Items)
	addLag(r.Items)
}
