package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// HeldError tells that another agent holds the host's heartbeat.
type HeldError struct {
	Host string
	// Owner is the other agent's machine; empty for an agent that is not ours.
	Owner string
	// Replaced tells that the other agent runs on the same machine and was
	// started later.
	Replaced bool
}

func (e *HeldError) Error() string {
	if e.Replaced {
		return fmt.Sprintf("report host %q: an agent that was started later on this machine has taken over", e.Host)
	}
	return fmt.Sprintf("report host %q: an agent on another machine (owner %q) already does", e.Host, e.Owner)
}

var errWaitForHolder = errors.New("another agent holds the key, waiting for its lease to end")

// patience is how much longer than the holder's TTL a newcomer waits, for a
// holder that died.
const patience = 2 * time.Second

// slot is the right to write a host's heartbeat key.
//
// The key is ours while it is on our lease. A put compares that, and not the
// key's create revision, because an agent that takes over from its predecessor
// must not delete the key in between: every observer would see a death.
type slot struct {
	client *etcd.Client
	id     Identity
	key    string
	log    *slog.Logger

	lease   clientv3.LeaseID // that the key was put on last; 0 before the first put
	created int64            // the key's create revision while it is ours
	giveUp  time.Time        // when to stop waiting for another holder's lease
}

func newSlot(client *etcd.Client, id Identity, log *slog.Logger) *slot {
	return &slot{client: client, id: id, key: keys.Heartbeat(id.Host), log: log}
}

// put writes value on lease and returns the revision of that. When the key is not
// as we left it, put finds out who holds it, and takes it, waits or gives up with
// a *HeldError. A repetition after an unknown outcome is harmless: the key's value
// tells that it was us.
func (s *slot) put(ctx context.Context, value string, lease clientv3.LeaseID) (revision int64, err error) {
	unchanged := clientv3.Compare(clientv3.CreateRevision(s.key), "=", 0)
	if s.lease != 0 {
		unchanged = clientv3.Compare(clientv3.LeaseValue(s.key), "=", s.lease)
	}
	for {
		resp, err := s.client.Txn(ctx).
			If(unchanged).
			Then(clientv3.OpPut(s.key, value, clientv3.WithLease(lease))).
			Else(clientv3.OpGet(s.key)).
			Commit()
		if err != nil {
			return 0, fmt.Errorf("put heartbeat of %q: %w", s.id.Host, err)
		}
		if resp.Succeeded {
			if s.created == 0 {
				s.created = resp.Header.Revision
			}
			s.lease, s.giveUp = lease, time.Time{}
			return resp.Header.Revision, nil
		}
		if unchanged, err = s.resolve(resp.Responses[0].GetResponseRange().Kvs); err != nil {
			return 0, err
		}
	}
}

// resolve decides what to do about a key that is not as we left it: the
// condition under which to write over it, or why not to.
func (s *slot) resolve(kvs []*mvccpb.KeyValue) (clientv3.Cmp, error) {
	if len(kvs) == 0 {
		s.created = 0
		return clientv3.Compare(clientv3.CreateRevision(s.key), "=", 0), nil
	}
	kv := kvs[0]
	take := clientv3.Compare(clientv3.ModRevision(s.key), "=", kv.ModRevision)
	holder, err := model.DecodeHeartbeat(kv.Value)
	if err != nil {
		holder = new(model.Heartbeat)
	}
	sameOwner := holder.Owner != "" && holder.Owner == s.id.Owner
	switch {
	case holder.Boot != "" && holder.Boot == s.id.Boot:
		// Ours: a put whose answer was lost.
	case sameOwner && s.lease != 0:
		return take, &HeldError{Host: s.id.Host, Owner: holder.Owner, Replaced: true}
	case sameOwner:
		s.log.Info("taking over from an earlier agent of this machine", "boot", holder.Boot)
	case s.created != 0 && kv.CreateRevision == s.created:
		s.log.Warn("somebody wrote over the heartbeat, taking it back", "owner", holder.Owner)
	default:
		return take, s.wait(holder)
	}
	s.created = kv.CreateRevision
	return take, nil
}

// wait lets a holder that may be dead keep the key until its lease must be over.
func (s *slot) wait(holder *model.Heartbeat) error {
	now := time.Now()
	if s.giveUp.IsZero() {
		ttl := time.Duration(holder.TTL) * time.Second
		if ttl <= 0 || ttl > model.MaxTTL*time.Second {
			ttl = model.BuiltIn().TTL
		}
		s.giveUp = now.Add(ttl + patience)
	}
	if now.After(s.giveUp) {
		return &HeldError{Host: s.id.Host, Owner: holder.Owner}
	}
	return errWaitForHolder
}

// ours reports whether the key is still as we left it; true also when the store
// does not say.
func (s *slot) ours(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := s.client.Get(ctx, s.key)
	if err != nil || s.lease == 0 {
		return true
	}
	return len(resp.Kvs) == 1 && clientv3.LeaseID(resp.Kvs[0].Lease) == s.lease
}
