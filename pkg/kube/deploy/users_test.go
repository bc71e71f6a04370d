package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

var errCutOff = errors.New("cut off")

// cutOff lets so many calls through, and loses the answer of the next one that
// writes, or the call itself.
type cutOff struct {
	clientv3.Auth

	calls int
	sent  bool // the call is made all the same
}

func (c *cutOff) lost(call func()) bool {
	c.calls--
	if c.calls >= 0 {
		return false
	}
	if c.calls == -1 && c.sent {
		call()
	}
	return true
}

func (c *cutOff) RoleAdd(ctx context.Context, name string) (r *clientv3.AuthRoleAddResponse, err error) {
	if c.lost(func() { _, _ = c.Auth.RoleAdd(ctx, name) }) {
		return nil, errCutOff
	}
	return c.Auth.RoleAdd(ctx, name)
}

func (c *cutOff) RoleGrantPermission(ctx context.Context, name, key, end string, may clientv3.PermissionType) (*clientv3.AuthRoleGrantPermissionResponse, error) {
	if c.lost(func() { _, _ = c.Auth.RoleGrantPermission(ctx, name, key, end, may) }) {
		return nil, errCutOff
	}
	return c.Auth.RoleGrantPermission(ctx, name, key, end, may)
}

func (c *cutOff) UserAddWithOptions(ctx context.Context, name, password string, o *clientv3.UserAddOptions) (*clientv3.AuthUserAddResponse, error) {
	if c.lost(func() { _, _ = c.Auth.UserAddWithOptions(ctx, name, password, o) }) {
		return nil, errCutOff
	}
	return c.Auth.UserAddWithOptions(ctx, name, password, o)
}

func (c *cutOff) UserGrantRole(ctx context.Context, user, role string) (*clientv3.AuthUserGrantRoleResponse, error) {
	if c.lost(func() { _, _ = c.Auth.UserGrantRole(ctx, user, role) }) {
		return nil, errCutOff
	}
	return c.Auth.UserGrantRole(ctx, user, role)
}

// notEnabling leaves authentication off, so that the test can go on without a
// certificate.
type notEnabling struct{ clientv3.Auth }

func (notEnabling) AuthEnable(context.Context) (*clientv3.AuthEnableResponse, error) {
	return nil, nil
}

// rights is who may do what, in words.
func rights(t *testing.T, c clientv3.Auth) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	users, err := c.UserList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range users.Users {
		user, err := c.UserGet(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = []string{fmt.Sprint(user.Roles)}
	}
	for name := range roles() {
		role, err := c.RoleGet(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range role.Perm {
			may := permission{string(p.Key), string(p.RangeEnd), clientv3.PermissionType(p.PermType)}
			found[name] = append(found[name], may.String())
		}
	}
	return found
}

// table is the design's, in words.
var table = map[string][]string{
	"root":   {"[root]"},
	"viewer": {"[viewer]", "read /monitor/…"},
	"agent":  {"[agent]", "read /monitor/config/…", "read and write /monitor/heartbeat/…"},
	"aggregator": {
		"[aggregator]", "read /monitor/…", "read and write /monitor/election/…", "read and write /monitor/event/…",
		"read and write /monitor/host/…", "read and write /monitor/summary",
	},
}

// forget removes all users and roles.
func forget(t *testing.T, c clientv3.Auth) {
	t.Helper()
	for name := range table {
		_, userErr := c.UserDelete(t.Context(), name)
		_, roleErr := c.RoleDelete(t.Context(), name)
		if userErr != nil || roleErr != nil {
			t.Logf("forget %s: %v, %v", name, userErr, roleErr)
		}
	}
}

func TestUsersAreMadeWhereverTheyWereCutOff(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	settle := func(c clientv3.Auth) ([]string, error) {
		a := &authority{client: notEnabling{c}}
		err := a.settle(t.Context())
		return a.changes, err
	}
	for calls := 0; ; calls++ {
		for _, sent := range []bool{true, false} {
			_, err := settle(&cutOff{client, calls, sent})
			if err == nil {
				if diff := cmp.Diff(table, rights(t, client)); diff != "" {
					t.Errorf("at once (-want +got):\n%s", diff)
				}
				if calls < len(table) {
					t.Fatalf("only %d calls were made", calls)
				}
				return
			}
			if !errors.Is(err, errCutOff) {
				t.Fatal(err)
			}
			if _, err := settle(client); err != nil {
				t.Fatalf("after %d calls, the next one sent %t: %v", calls, sent, err)
			}
			if diff := cmp.Diff(table, rights(t, client)); diff != "" {
				t.Errorf("after %d calls, the next one sent %t (-want +got):\n%s", calls, sent, diff)
			}
			forget(t, client)
		}
	}
}

func TestUsersAreSetRightAndNothingElseIsTouched(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	ctx := t.Context()
	settle := func() []string {
		a := &authority{client: notEnabling{client}}
		if err := a.settle(ctx); err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(a.changes, func(s string) bool { return s == "turn authentication on" })
	}
	settle()
	if changes := settle(); len(changes) > 0 {
		t.Errorf("a second time changes %q", changes)
	}
	grant := func(role, key, end string, may clientv3.PermissionType) {
		if _, err := client.RoleGrantPermission(ctx, role, key, end, may); err != nil {
			t.Fatal(err)
		}
	}
	const readWrite = clientv3.PermissionType(clientv3.PermReadWrite)
	grant("viewer", "/monitor/", clientv3.GetPrefixRangeEnd("/monitor/"), readWrite)
	grant("agent", "/monitor/config/x", "", readWrite)
	for _, err := range []error{
		second(client.UserGrantRole(ctx, "agent", "root")), second(client.UserRevokeRole(ctx, "viewer", "viewer")),
		second(client.RoleAdd(ctx, "theirs")), second(client.UserAddWithOptions(ctx, "theirs", "", &clientv3.UserAddOptions{NoPassword: true})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"revoke from role agent: read and write /monitor/config/x", "grant role viewer: read /monitor/…",
		"revoke role root from user agent", "grant role viewer to user viewer",
	}
	if diff := cmp.Diff(want, settle()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	theirs := maps.Clone(table)
	theirs["theirs"] = []string{"[]"}
	if diff := cmp.Diff(theirs, rights(t, client)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeploysAtTheSameTimeBothMakeTheUsers(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	var settling errgroup.Group
	for range 8 {
		settling.Go(func() error { return (&authority{client: notEnabling{client}}).settle(t.Context()) })
	}
	if err := settling.Wait(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(table, rights(t, client)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAuthenticationIsOnInTheEnd(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	if err := (&authority{client: client}).settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Put(t.Context(), "k", "v"); err == nil || etcd.Classify(err) == etcd.ClassUnreachable {
		t.Errorf("nobody puts a key: %v, want a refusal", err)
	}
}

func second[T any](_ T, err error) error { return err }
