package members_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestOneEndpointShowsAllMembersByTheirAddresses(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	endpoints := c.Endpoints()

	t.Run("all up", func(t *testing.T) {
		r := members.Look(t.Context(), poolOf(t, endpoints[1]), nil, dial)
		if len(r.Errors) > 0 {
			t.Errorf("errors: %q", r.Errors)
		}
		for i, m := range c.Members {
			row := rowOf(t, r, m.Name)
			if row.Endpoint != endpoints[i] || row.State != model.MemberUp || row.RaftTerm == nil {
				t.Errorf("%s is %+v", m.Name, row)
			}
		}
	})
	t.Run("without a way to the others", func(t *testing.T) {
		r := members.Look(t.Context(), poolOf(t, endpoints[1]), nil, nil)
		want := []string{"etcd-1 Down: not reachable from here", "etcd-2 Up", "etcd-3 Down: not reachable from here"}
		if diff := cmp.Diff(want, summary(r)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("by another spelling", func(t *testing.T) {
		alias := strings.Replace(endpoints[0], "127.0.0.1", "localhost", 1)
		r := members.Look(t.Context(), poolOf(t, alias), nil, dial)
		if row := rowOf(t, r, "etcd-1"); row.Endpoint != alias || len(r.Items) != 3 || len(r.Errors) > 0 {
			t.Errorf("rows %q, errors %q, etcd-1 at %s", summary(r), r.Errors, row.Endpoint)
		}
	})
	t.Run("the other endpoint hangs", func(t *testing.T) {
		c.Members[0].Cut()
		defer c.Members[0].Mend()
		r := members.Look(t.Context(), poolOf(t, endpoints[0], endpoints[1]), nil, dial)
		want := []string{"etcd-1 Down: no answer in time", "etcd-2 Up", "etcd-3 Up"}
		if diff := cmp.Diff(want, summary(r)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("refreshed", func(t *testing.T) {
		pool := poolOf(t, endpoints[1])
		r := members.Look(t.Context(), pool, nil, dial)
		c.Members[2].Stop()
		r.Refresh(t.Context(), pool)
		want := []string{"etcd-1 Up", "etcd-2 Up", "etcd-3 Down: connection refused"}
		if diff := cmp.Diff(want, summary(r)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestEndpointThatIsNoMemberIsNamedAndHidesNobody(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	good := c.Endpoints()[0]
	member := members.Look(t.Context(), poolOf(t, good), nil, nil).Items[0].ID
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)

	for name, odd := range map[string]struct{ endpoint, reason string }{
		"refuses":            {"http://127.0.0.1:1", "connection refused"},
		"hangs":              {mute(t), "no answer in time"},
		"is a web server":    {web.URL, "what answers is not gRPC"},
		"is another service": {foreign(t), "what answers is not etcd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone := members.Look(t.Context(), poolOf(t, odd.endpoint), nil, dial)
			row := rowOf(t, alone, odd.endpoint)
			if row.State != model.MemberDown || !strings.Contains(row.Reason, odd.reason) || alone.Answered() {
				t.Errorf("alone it is %s: %q, want Down: %q", row.State, row.Reason, odd.reason)
			}

			r := members.Look(t.Context(), poolOf(t, odd.endpoint, good), nil, dial)
			isUp := func(m model.Member) bool { return m.ID == member && m.State == model.MemberUp }
			if !slices.ContainsFunc(r.Items, isUp) {
				t.Errorf("the member is missing among %q", summary(r))
			}
			said := slices.Concat(summary(r), r.Errors)
			isSaid := func(s string) bool { return strings.Contains(s, odd.endpoint) && strings.Contains(s, odd.reason) }
			if !slices.ContainsFunc(said, isSaid) {
				t.Errorf("nothing says of %s %q: %q", odd.endpoint, odd.reason, said)
			}
		})
	}
}

func TestEndpointOfAnotherClusterIsNotMixedIn(t *testing.T) {
	t.Parallel()
	ours, other := testcluster.Start(t, 1).Endpoints()[0], testcluster.Start(t, 1).Endpoints()[0]
	r := members.Look(t.Context(), poolOf(t, ours, other), nil, dial)
	if len(r.Items) != 1 || len(r.Errors) != 1 || !strings.HasSuffix(r.Errors[0], "is not of this cluster") {
		t.Errorf("rows %q, errors %q", summary(r), r.Errors)
	}
}

// mute is the endpoint of something that takes connections and says nothing.
func mute(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

// foreign is the endpoint of a gRPC server without any of etcd's services.
func foreign(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return "http://" + l.Addr().String()
}
