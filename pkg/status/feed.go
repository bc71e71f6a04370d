package status

import (
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/view"
)

// followed is all that is looked at, in the order of the fields of stored.
var followed = []etcd.Range{
	{Key: keys.HeartbeatPrefix, Prefix: true},
	{Key: keys.ConfigPrefix, Prefix: true},
	{Key: keys.HostPrefix, Prefix: true},
	{Key: keys.Candidates(keys.AggregatorElection), Prefix: true},
	{Key: keys.Summary()},
}

// feed tells v of one change of a heartbeat, a config or a roster entry, and
// returns the name of the node that it concerns.
func feed(v *view.View, c etcd.Change, listed bool) string {
	switch {
	case strings.HasPrefix(c.Key, keys.ConfigPrefix):
		name, bad := keys.ConfigHost(c.Key)
		if c.KV == nil {
			v.DeleteConfig(name, c.Revision)
		} else {
			v.PutConfig(name, bad, c.KV.Value, c.Revision)
		}
		return name
	case strings.HasPrefix(c.Key, keys.HostPrefix):
		name, bad := keys.RosterHost(c.Key)
		if c.KV == nil {
			v.DeleteRoster(name)
		} else {
			v.PutRoster(name, bad, c.KV.Value)
		}
		return name
	}
	name, bad := keys.HeartbeatHost(c.Key)
	if c.KV == nil {
		v.DeleteHeartbeat(name)
	} else {
		v.PutHeartbeat(name, bad, view.Heartbeat{
			Value: c.KV.Value, Revision: c.KV.ModRevision, Leased: c.KV.Lease != 0, Listed: listed,
		})
	}
	return name
}
