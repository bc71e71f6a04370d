package election

import (
	"cmp"
	"context"
	"slices"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// State is who leads and who waits, as far as an observer knows.
type State struct {
	// Known is false while the store cannot be read: the candidates are those that
	// were last seen, and Reason says why.
	Known  bool
	Reason string
	// Candidates are in the order of their keys' creation: the first one leads.
	Candidates []Candidate
	Revision   int64 // of the store, when this was seen
}

// Candidate is one key of an election.
type Candidate struct {
	Key   string
	Token int64 // the key's create revision
	Lease clientv3.LeaseID
	Value []byte
}

// Leader is the candidate who leads, and false if there is none.
func (s State) Leader() (Candidate, bool) {
	if len(s.Candidates) == 0 {
		return Candidate{}, false
	}
	return s.Candidates[0], true
}

// Observe tells of every change of an election's state until ctx ends, and
// returns ctx's error then. First it tells how things are; while the store cannot
// be read it says so. told must not block.
func Observe(ctx context.Context, client *etcd.Client, name string, told func(State)) error {
	if err := checkName(name); err != nil {
		return err
	}
	o := observer{candidates: make(map[string]Candidate), told: told}
	return client.Follow(ctx, []etcd.Range{{Key: keys.Candidates(name), Prefix: true}}, etcd.Follower{Update: o.update, Lost: o.lost})
}

type observer struct {
	candidates map[string]Candidate
	state      State
	told       func(State)
}

func (o *observer) update(u etcd.Update) {
	for _, c := range u.Changes {
		if c.KV == nil {
			delete(o.candidates, c.Key)
		} else {
			o.candidates[c.Key] = candidate(c.KV)
		}
	}
	o.state = State{Known: true, Revision: u.Revision, Candidates: make([]Candidate, 0, len(o.candidates))}
	for _, c := range o.candidates {
		o.state.Candidates = append(o.state.Candidates, c)
	}
	slices.SortFunc(o.state.Candidates, func(a, b Candidate) int { return cmp.Compare(a.Token, b.Token) })
	o.told(o.state)
}

func (o *observer) lost(err error) {
	o.state.Known, o.state.Reason = false, etcd.Reason(err)
	o.told(o.state)
}

func candidate(kv *mvccpb.KeyValue) Candidate {
	return Candidate{Key: string(kv.Key), Token: kv.CreateRevision, Lease: clientv3.LeaseID(kv.Lease), Value: kv.Value}
}
