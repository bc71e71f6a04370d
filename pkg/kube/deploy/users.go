package deploy

import (
	"context"
	"fmt"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube/pki"
)

// grant is what a role may do with a key, or with all that begin with a prefix.
type grant struct {
	key    string
	prefix bool
	write  bool // and read
}

func reads(prefix string) grant   { return grant{key: prefix, prefix: true} }
func writes(prefix string) grant  { return grant{key: prefix, prefix: true, write: true} }
func writesKey(name string) grant { return grant{key: name, write: true} }

// The role that may do everything is etcd's own.
const rootRole = "root"

// roles are what our users may do: each user has the role of its name. Every node's
// agent shows the same certificate: a stolen one can forge any heartbeat, and
// nothing else.
func roles() map[string][]grant {
	return map[string][]grant{
		pki.UserAgent: {writes(keys.HeartbeatPrefix), reads(keys.ConfigPrefix)},
		pki.UserAggregator: {
			reads(keys.Root),
			writes(keys.ElectionPrefix), writes(keys.HostPrefix), writes(keys.EventPrefix), writesKey(keys.Summary()),
		},
		pki.UserViewer: {reads(keys.Root)},
	}
}

// bootstrap sets etcd's users and roles right and turns authentication on, over the
// port-forward and by the admin's certificate. It tells what it changed. Whatever of
// it was done before, by whom ever, and wherever it was interrupted, the end is the
// same. Users and roles of other names are left alone.
func (d *Deployer) bootstrap(ctx context.Context) ([]string, error) {
	conn, err := d.cluster.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if conn.User != pki.UserRoot {
		return nil, fmt.Errorf("make etcd's users: the certificate at hand is %q's, and only %q may", conn.User, pki.UserRoot)
	}
	client, err := etcd.New(conn.Etcd)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	a := &authority{client: client.Client}
	err = await(ctx, d.Tell, "etcd's users", func(ctx context.Context) ([]Pending, bool, error) {
		err := a.settle(ctx)
		if passing(err) {
			return []Pending{{"etcd", etcd.Reason(err)}}, false, nil
		}
		return nil, err == nil, err
	})
	return a.changes, err
}

// passing reports whether an error of etcd's may pass by itself: there was a quorum a
// moment ago.
func passing(err error) bool {
	switch etcd.Classify(err) {
	case etcd.ClassUnreachable, etcd.ClassNoQuorum, etcd.ClassOverloaded:
		return true
	}
	return false
}
