package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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
	// Aggregators are the names of those that the target itself says are deployed.
	Aggregators []string
	// Facts knows what is true of nodes and pods, whatever etcd says; nil where
	// nobody does.
	Facts FactSource
	Now   func() time.Time
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

// seen is what was found out of nodes and aggregators.
type seen struct {
	nodes []model.Node
	leads model.AggregatorLeader
	truth *truth
	err   error // why the keys could not be read: the nodes are Unknown
}

// nodes reads the keys once and says how every node is, and who leads the
// aggregators. With an error the nodes are Unknown, with the last state that some
// member still knows of, if any does.
func (s *Source) nodes(ctx context.Context) seen {
	var (
		looking sync.WaitGroup
		found   stored
		o       seen
	)
	looking.Go(func() { found, o.err = s.read(ctx) })
	looking.Go(func() { o.truth = s.facts(ctx) })
	looking.Wait()

	v := view.New(s.Now)
	for _, kvs := range [][]*mvccpb.KeyValue{found.configs, found.roster, found.heartbeats} {
		for _, kv := range kvs {
			feed(v, etcd.Change{Key: string(kv.Key), KV: kv, Revision: kv.ModRevision}, true)
		}
	}
	o.truth.tell(v, s.Hosts)
	if o.err != nil {
		v.Lost(briefly(o.err))
	}
	o.nodes = v.Nodes()
	if o.err != nil && !errors.Is(o.err, errNoQuorum) {
		for i := range o.nodes {
			o.nodes[i].LastState = "" // no member has told one
		}
	}
	o.truth = s.doubt(ctx, o.truth, o.nodes)
	o.nodes = o.truth.complete(o.nodes)
	o.leads = leadership(found.candidates, found.summary, len(s.Aggregators) > 0, o.err != nil)
	return o
}

// briefly is why the keys cannot be read, fit for every node's row: the members'
// rows tell of each.
func briefly(err error) string {
	unreachable, ok := errors.AsType[*etcd.UnreachableError](err)
	switch {
	case !ok:
		return etcd.Reason(err)
	case unreachable.NoQuorum():
		return errNoQuorum.Error()
	}
	return "no member answers"
}

var errNoQuorum = errors.New("the members have no quorum")

// aloneTimeout bounds the list of what one member has, which is asked for only
// after the members have not agreed in time.
const aloneTimeout = members.StatusTimeout / 4

// stored is what the keys hold, as of one revision.
type stored struct {
	heartbeats, configs, roster, candidates []*mvccpb.KeyValue

	summary *mvccpb.KeyValue // nil if there is none
}

// read lists what is stored. Without a quorum it returns what one member has,
// which may be old, with an error.
func (s *Source) read(ctx context.Context) (stored, error) {
	found, err := s.agreed(ctx)
	if _, ok := errors.AsType[*etcd.UnreachableError](err); !ok {
		return found, err
	}
	alone, cancel := context.WithTimeout(ctx, aloneTimeout)
	defer cancel()
	found, aloneErr := s.list(alone, clientv3.WithSerializable())
	if aloneErr == nil {
		err = errNoQuorum
	}
	return found, err
}

// agreed lists what a quorum agrees on. An election fails the calls that wait for
// its end: agreed repeats them while there is time for one.
func (s *Source) agreed(ctx context.Context) (stored, error) {
	ctx, cancel := context.WithTimeout(ctx, members.StatusTimeout)
	defer cancel()
	for {
		found, err := s.list(ctx)
		unreachable, ok := errors.AsType[*etcd.UnreachableError](err)
		if !ok || !unreachable.NoQuorum() {
			return found, err
		}
		select {
		case <-ctx.Done():
			return stored{}, err
		case <-time.After(electionPause):
		}
	}
}

func (s *Source) list(ctx context.Context, opts ...clientv3.OpOption) (stored, error) {
	var ops []clientv3.Op
	for _, r := range followed {
		o := opts
		if r.Prefix {
			o = append(slices.Clone(opts), clientv3.WithPrefix())
		}
		ops = append(ops, clientv3.OpGet(r.Key, o...))
	}
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).Then(ops...).Commit()
	})
	if err != nil {
		return stored{}, fmt.Errorf("list %s and %s: %w", keys.HeartbeatPrefix, keys.ConfigPrefix, err)
	}
	kvs := func(i int) []*mvccpb.KeyValue { return resp.Responses[i].GetResponseRange().Kvs }
	found := stored{heartbeats: kvs(0), configs: kvs(1), roster: kvs(2), candidates: kvs(3)}
	if summary := kvs(4); len(summary) > 0 {
		found.summary = summary[0]
	}
	return found, nil
}
