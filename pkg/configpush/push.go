package configpush

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"go.etcd.io/etcd/api/v3/mvccpb"
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
	op, err := s.operation(p, message)
	if err != nil {
		return nil, err
	}
	if len(op.hosts) == 0 {
		return &Result{ID: op.id}, nil
	}
	resp, err := s.Pool.Commit(ctx, op.commit) // the log entry tells whose txn has happened
	if err != nil {
		return s.settle(ctx, p, op, err)
	}
	if resp.Succeeded {
		return op.result(resp.Header.Revision), nil
	}
	if rev := op.written(resp.Responses[0].GetResponseRange().Kvs); rev != 0 {
		return op.result(rev), nil // by an attempt whose answer was lost
	}
	return nil, s.conflict(ctx, p, op.hosts[0])
}

// operation is a plan as one txn.
type operation struct {
	id        string   // stands in every log entry that it writes
	hosts     []string // whose configs it writes
	firstLog  string   // the key of the first host's log entry
	unchanged []clientv3.Cmp
	writes    []clientv3.Op
}

func (s *Store) operation(p *Plan, message string) (*operation, error) {
	op := &operation{id: rand.Text()}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Same() {
			continue
		}
		change := model.ConfigChange{ID: op.id, By: s.By, At: s.Now().UTC(), Message: message, Before: c.BeforeRevision, Deleted: c.Delete}
		if err := op.add(c, change); err != nil {
			return nil, fmt.Errorf("encode log entry of config %q: %w", c.Host, err)
		}
	}
	return op, nil
}

// add adds the change of one host's config, and its log entry.
func (o *operation) add(c *Change, change model.ConfigChange) error {
	write := clientv3.OpDelete(keys.Config(c.Host))
	if !c.Delete {
		value := string(c.JSON)
		change.Value = &value
		write = clientv3.OpPut(keys.Config(c.Host), value)
	}
	record, err := json.Marshal(change)
	if err != nil {
		return err
	}
	seq := c.seq + 1
	log := keys.ConfigLogEntry(c.Host, seq)
	o.unchanged = append(o.unchanged,
		clientv3.Compare(clientv3.ModRevision(keys.Config(c.Host)), "=", c.BeforeRevision),
		clientv3.Compare(clientv3.CreateRevision(log), "=", 0))
	o.writes = append(o.writes, write, clientv3.OpPut(log, string(record)))
	if seq > KeptEntries {
		o.writes = append(o.writes, clientv3.OpDelete(keys.ConfigLog(c.Host),
			clientv3.WithRange(keys.ConfigLogEntry(c.Host, seq-KeptEntries+1))))
	}
	if o.firstLog == "" {
		o.firstLog = log
	}
	o.hosts = append(o.hosts, c.Host)
	return nil
}

// commit makes the txn once. Its else branch reads the first log entry.
func (o *operation) commit(t clientv3.Txn) (*clientv3.TxnResponse, error) {
	return t.If(o.unchanged...).Then(o.writes...).Else(clientv3.OpGet(o.firstLog)).Commit()
}

// written returns the revision at which the operation wrote its first log entry,
// which was read as log, or 0.
func (o *operation) written(log []*mvccpb.KeyValue) int64 {
	var change model.ConfigChange
	if kv := first(log); kv != nil && json.Unmarshal(kv.Value, &change) == nil && change.ID == o.id {
		return kv.ModRevision
	}
	return 0
}

func (o *operation) result(revision int64) *Result {
	return &Result{ID: o.id, Revision: revision, Hosts: o.hosts}
}
