package configpush

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// KeptEntries is how many entries of a host's config log stay.
const KeptEntries = 32

// Result is a push that was made.
type Result struct {
	ID       string // the operation's id in the config log
	Revision int64  // the mod revision of every config that it wrote
	Hosts    []string
}

// Push makes the plan's changes in one txn, each with its log entry. It writes
// nothing unless every host's config is still as the plan saw it; else the error
// is a *ConflictError. Of any other error it says that nothing was written,
// unless it is an *UnknownOutcomeError.
func (s *Store) Push(ctx context.Context, p *Plan, message string) (*Result, error) {
	id := rand.Text()
	txn, hosts, firstLog, err := s.txn(p, id, message)
	if err != nil {
		return nil, err
	}
	if len(hosts) == 0 {
		return &Result{ID: id}, nil
	}
	resp, err := s.commit(ctx, txn)
	if err != nil {
		return s.settle(ctx, id, hosts, firstLog, err)
	}
	if resp.Succeeded {
		return &Result{ID: id, Revision: resp.Header.Revision, Hosts: hosts}, nil
	}
	if rev := written(resp.Responses[0].GetResponseRange().Kvs, id); rev != 0 {
		return &Result{ID: id, Revision: rev, Hosts: hosts}, nil // by an attempt whose answer was lost
	}
	return nil, s.conflict(ctx, p, hosts[0])
}

// txn builds the push. Its else branch reads the first host's new log entry.
func (s *Store) txn(p *Plan, id, message string) (build func(clientv3.Txn) clientv3.Txn, hosts []string, firstLog string, err error) {
	var (
		unchanged []clientv3.Cmp
		writes    []clientv3.Op
	)
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Same() {
			continue
		}
		change := model.ConfigChange{ID: id, By: s.By, At: s.Now().UTC(), Message: message, Before: c.BeforeRevision, Deleted: c.Delete}
		write := clientv3.OpDelete(keys.Config(c.Host))
		if !c.Delete {
			value := string(c.JSON)
			change.Value = &value
			write = clientv3.OpPut(keys.Config(c.Host), value)
		}
		record, err := json.Marshal(change)
		if err != nil {
			return nil, nil, "", fmt.Errorf("encode log entry of config %q: %w", c.Host, err)
		}
		seq := c.seq + 1
		log := keys.ConfigLogEntry(c.Host, seq)
		unchanged = append(unchanged,
			clientv3.Compare(clientv3.ModRevision(keys.Config(c.Host)), "=", c.BeforeRevision),
			clientv3.Compare(clientv3.CreateRevision(log), "=", 0))
		writes = append(writes, write, clientv3.OpPut(log, string(record)))
		if seq > KeptEntries {
			writes = append(writes, clientv3.OpDelete(keys.ConfigLog(c.Host),
				clientv3.WithRange(keys.ConfigLogEntry(c.Host, seq-KeptEntries+1))))
		}
		if firstLog == "" {
			firstLog = log
		}
		hosts = append(hosts, c.Host)
	}
	return func(t clientv3.Txn) clientv3.Txn {
		return t.If(unchanged...).Then(writes...).Else(clientv3.OpGet(firstLog))
	}, hosts, firstLog, nil
}
