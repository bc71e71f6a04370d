package members_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

// once is the time that members which do not answer may cost: all together, no
// more than one.
const once = members.StatusTimeout + 700*time.Millisecond

func poolOf(t testing.TB, endpoints ...string) *etcd.Pool {
	t.Helper()
	p, err := dial(endpoints)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func dial(endpoints []string) (*etcd.Pool, error) {
	return etcd.NewPool(etcd.Config{Endpoints: endpoints})
}

func known(c *testcluster.Cluster) []members.Known {
	var list []members.Known
	for _, m := range c.Members {
		list = append(list, members.Known{Name: m.Name, Endpoint: m.Endpoint()})
	}
	return list
}

// rowOf returns the only row of a name.
func rowOf(t *testing.T, r *members.Report, name string) model.Member {
	t.Helper()
	var found []model.Member
	for _, m := range r.Items {
		if m.Name == name {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d rows of %s in %v", len(found), name, summary(r))
	}
	return found[0]
}

// summary is a report's rows as NAME STATE: REASON.
func summary(r *members.Report) []string {
	lines := make([]string, len(r.Items))
	for i, m := range r.Items {
		lines[i] = m.Name + " " + string(m.State)
		if m.Reason != "" {
			lines[i] += ": " + m.Reason
		}
	}
	return lines
}

func hexOf(id uint64) string { return strconv.FormatUint(id, 16) }
