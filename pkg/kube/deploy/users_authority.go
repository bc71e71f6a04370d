package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/etcd/api/v3/authpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// authority changes etcd's users and roles where they are not as they should be.
type authority struct {
	client  clientv3.Auth
	changes []string // what it has changed, for the reader
}

func (a *authority) settle(ctx context.Context) error {
	if err := a.settleRole(ctx, rootRole, nil); err != nil {
		return err
	}
	wanted := roles()
	names := slices.Sorted(maps.Keys(wanted))
	for _, name := range names {
		if err := a.settleRole(ctx, name, wanted[name]); err != nil {
			return err
		}
	}
	for _, name := range append(names, pki.UserRoot) {
		if err := a.settleUser(ctx, name); err != nil {
			return err
		}
	}
	return a.enable(ctx)
}

// done notes a change. That somebody else has made it in between is as good.
func (a *authority) done(err, already error, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if err != nil && (already == nil || !errors.Is(rpctypes.Error(err), already)) {
		return fmt.Errorf("%s: %w", what, err)
	}
	a.changes = append(a.changes, what)
	return nil
}

// settleRole makes a role and its grants. What the root role may is etcd's own to
// say.
func (a *authority) settleRole(ctx context.Context, name string, wanted []grant) error {
	has := make(map[permission]bool)
	role, err := a.client.RoleGet(ctx, name)
	switch {
	case errors.Is(err, rpctypes.ErrRoleNotFound):
		_, err := a.client.RoleAdd(ctx, name)
		if err := a.done(err, rpctypes.ErrRoleAlreadyExist, "add role %s", name); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("read role %q: %w", name, err)
	default:
		for _, p := range role.Perm {
			has[permission{string(p.Key), string(p.RangeEnd), clientv3.PermissionType(p.PermType)}] = true
		}
	}
	if name == rootRole {
		return nil
	}
	// Granting replaces what the role may do with the same keys, at no moment less than
	// it should.
	where := make(map[permission]bool)
	for _, g := range wanted {
		p := g.permission()
		where[p.keys()] = true
		if has[p] {
			continue
		}
		_, err := a.client.RoleGrantPermission(ctx, name, p.key, p.end, p.may)
		if err := a.done(err, nil, "grant role %s: %s", name, p); err != nil {
			return err
		}
	}
	for p := range has {
		if where[p.keys()] {
			continue
		}
		_, err := a.client.RoleRevokePermission(ctx, name, p.key, p.end)
		if err := a.done(err, rpctypes.ErrPermissionNotGranted, "revoke from role %s: %s", name, p); err != nil {
			return err
		}
	}
	return nil
}

// settleUser makes a user that has the role of its name alone, and no password: its
// certificate is what tells who it is.
func (a *authority) settleUser(ctx context.Context, name string) error {
	user, err := a.client.UserGet(ctx, name)
	var has []string
	switch {
	case errors.Is(err, rpctypes.ErrUserNotFound):
		_, err := a.client.UserAddWithOptions(ctx, name, "", &clientv3.UserAddOptions{NoPassword: true})
		if err := a.done(err, rpctypes.ErrUserAlreadyExist, "add user %s", name); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("read user %q: %w", name, err)
	default:
		has = user.Roles
	}
	for _, role := range has {
		if role != name {
			_, err := a.client.UserRevokeRole(ctx, name, role)
			if err := a.done(err, rpctypes.ErrRoleNotGranted, "revoke role %s from user %s", role, name); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(has, name) {
		_, err := a.client.UserGrantRole(ctx, name, name)
		return a.done(err, nil, "grant role %s to user %s", name, name)
	}
	return nil
}

func (a *authority) enable(ctx context.Context) error {
	status, err := a.client.AuthStatus(ctx)
	if err != nil {
		return fmt.Errorf("read whether authentication is on: %w", err)
	}
	if status.Enabled {
		return nil
	}
	_, err = a.client.AuthEnable(ctx)
	return a.done(err, nil, "turn authentication on")
}

// permission is a grant as etcd keeps it.
type permission struct {
	key, end string
	may      clientv3.PermissionType
}

func (g grant) permission() permission {
	p := permission{key: g.key, may: clientv3.PermissionType(authpb.READ)}
	if g.prefix {
		p.end = clientv3.GetPrefixRangeEnd(g.key)
	}
	if g.write {
		p.may = clientv3.PermissionType(authpb.READWRITE)
	}
	return p
}

// keys is the permission's keys alone, whatever it lets one do with them.
func (p permission) keys() permission { return permission{key: p.key, end: p.end} }

func (p permission) String() string {
	may := map[clientv3.PermissionType]string{
		clientv3.PermissionType(authpb.READ): "read", clientv3.PermissionType(authpb.WRITE): "write", clientv3.PermissionType(authpb.READWRITE): "read and write",
	}[p.may]
	switch p.end {
	case "":
		return may + " " + p.key
	case clientv3.GetPrefixRangeEnd(p.key):
		return may + " " + p.key + "…"
	}
	return fmt.Sprintf("%s from %q to %q", may, p.key, p.end)
}
