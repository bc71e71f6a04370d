package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/view"
)

// Source is the cluster to ask.
type Source struct {
	Name    string      // names the target to the reader
	Etcd    etcd.Config // how Pool reaches it
	Pool    *etcd.Pool
	Dial    members.Dialer
	Members []members.Known // that the target itself names
	Hosts   []string        // nodes that the target itself names
	Now     func() time.Time
}

func (s *Source) meta(kind string) model.TypeMeta {
	return model.NewTypeMeta(kind, s.Name, s.Now())
}

// electionPause is the time between two looks at members that are electing.
const electionPause = 100 * time.Millisecond

// look asks the members. Those that have a quorum and no leader elect one within
// a second or so: look waits for that, and tells how it came out.
func (s *Source) look(ctx context.Context) *members.Report {
	report := members.Look(ctx, s.Pool, s.Members, s.Dial)
	settle, cancel := context.WithTimeout(ctx, members.StatusTimeout)
	defer cancel()
	for {
		if _, ok := report.Leader(); ok || !model.QuorumOf(report.Items).Has() {
			return report
		}
		select {
		case <-settle.Done():
			return report
		case <-time.After(electionPause):
			report.Refresh(settle, s.Pool)
		}
	}
}

// nodes reads the keys once and says how every node is. With an error the nodes
// are Unknown, with the last state that some member still knows of, if any does.
func (s *Source) nodes(ctx context.Context) ([]model.Node, error) {
	v := view.New(s.Now)
	heartbeats, configs, err := s.read(ctx)
	for _, kvs := range [][]*mvccpb.KeyValue{configs, heartbeats} {
		for _, kv := range kvs {
			feed(v, etcd.Change{Key: string(kv.Key), KV: kv, Revision: kv.ModRevision}, true)
		}
	}
	v.Expect(s.Hosts)
	if err != nil {
		v.Lost(etcd.Reason(err))
	}
	nodes := v.Nodes()
	if err != nil && !errors.Is(err, errNoQuorum) {
		for i := range nodes {
			nodes[i].LastState = "" // no member has told one
		}
	}
	return nodes, err
}

// feed tells v of one change, and returns the name of the node that it concerns.
func feed(v *view.View, c etcd.Change, listed bool) string {
	if strings.HasPrefix(c.Key, keys.ConfigPrefix) {
		name, bad := keys.ConfigHost(c.Key)
		if c.KV == nil {
			v.DeleteConfig(name, c.Revision)
		} else {
			v.PutConfig(name, bad, c.KV.Value, c.Revision)
		}
		return name
	}
	name, bad := keys.HeartbeatHost(c.Key)
	if c.KV == nil {
		v.DeleteHeartbeat(name)
	} else {
		v.PutHeartbeat(name, bad, view.Heartbeat{Value: c.KV.Value, Leased: c.KV.Lease != 0, Listed: listed})
	}
	return name
}

var errNoQuorum = errors.New("the members have no quorum")

// aloneTimeout bounds the list of what one member has, which is asked for only
// after the members have not agreed in time.
const aloneTimeout = members.StatusTimeout / 4

// read lists heartbeats and configs as of one revision. Without a quorum it
// returns what one member has of them, which may be old, with an error.
func (s *Source) read(ctx context.Context) (heartbeats, configs []*mvccpb.KeyValue, err error) {
	heartbeats, configs, err = s.agreed(ctx)
	if _, ok := errors.AsType[*etcd.UnreachableError](err); !ok {
		return heartbeats, configs, err
	}
	alone, cancel := context.WithTimeout(ctx, aloneTimeout)
	defer cancel()
	heartbeats, configs, aloneErr := s.list(alone, clientv3.WithSerializable())
	if aloneErr == nil {
		err = errNoQuorum
	}
	return heartbeats, configs, err
}

// agreed lists what a quorum agrees on. An election fails the calls that wait for
// its end: agreed repeats them while there is time for one.
func (s *Source) agreed(ctx context.Context) (heartbeats, configs []*mvccpb.KeyValue, err error) {
	ctx, cancel := context.WithTimeout(ctx, members.StatusTimeout)
	defer cancel()
	for {
		heartbeats, configs, err = s.list(ctx)
		unreachable, ok := errors.AsType[*etcd.UnreachableError](err)
		if !ok || !unreachable.NoQuorum() {
			return heartbeats, configs, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, err
		case <-time.After(electionPause):
		}
	}
}

func (s *Source) list(ctx context.Context, opts ...clientv3.OpOption) (heartbeats, configs []*mvccpb.KeyValue, err error) {
	opts = append(opts, clientv3.WithPrefix())
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).Then(
			clientv3.OpGet(keys.HeartbeatPrefix, opts...),
			clientv3.OpGet(keys.ConfigPrefix, opts...),
		).Commit()
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list %s and %s: %w", keys.HeartbeatPrefix, keys.ConfigPrefix, err)
	}
	return resp.Responses[0].GetResponseRange().Kvs, resp.Responses[1].GetResponseRange().Kvs, nil
}
