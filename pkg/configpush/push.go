package configpush

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// KeptEntries is how many entries of a host's config log stay.
const KeptEntries = 32

// attemptTimeout is how long one member may take over a push before another one
// is asked.
const attemptTimeout = 2 * time.Second

// Result is a push that was made.
type Result struct {
	ID       string // the operation's id in the config log
	Revision int64  // the mod revision of every config that it wrote
	Hosts    []string
}

// Push makes the plan's changes in one txn, each with its log entry. It writes
// nothing unless every host's config is still as the plan saw it; else the error
// is a *ConflictError.
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
	return nil, s.conflict(ctx, p)
}

// written returns the revision at which the operation wrote its first log entry,
// or 0.
func written(log []*mvccpb.KeyValue, id string) int64 {
	var change model.ConfigChange
	if kv := first(log); kv != nil && json.Unmarshal(kv.Value, &change) == nil && change.ID == id {
		return kv.ModRevision
	}
	return 0
}

// settle reads back what became of a push that ended with an error.
func (s *Store) settle(ctx context.Context, id string, hosts []string, firstLog string, cause error) (*Result, error) {
	if errors.Is(rpctypes.Error(cause), rpctypes.ErrTooManyOps) {
		return nil, &TooManyError{Hosts: len(hosts), ByServer: true}
	}
	var lost *lostAnswerError
	if !etcd.OutcomeUnknown(cause) && !errors.As(cause, &lost) {
		return nil, fmt.Errorf("push config %q: %w", hosts[0], cause)
	}
	// Also after Ctrl-C: whoever interrupted it wants to know.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout/2)
	defer cancel()
	log, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, firstLog)
	})
	switch {
	case err == nil && written(log.Kvs, id) != 0:
		return &Result{ID: id, Revision: written(log.Kvs, id), Hosts: hosts}, nil
	case err == nil && !errors.As(cause, &lost):
		return nil, fmt.Errorf("push config %q: nothing written: %w", hosts[0], cause)
	}
	return nil, &UnknownOutcomeError{ID: id, Host: hosts[0], Err: cause}
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

// lostAnswerError tells that an attempt may still be under way in the cluster.
type lostAnswerError struct{ err error }

func (e *lostAnswerError) Error() string { return "no answer: " + etcd.Reason(e.err) }
func (e *lostAnswerError) Unwrap() error { return e.err }

// commit makes a txn that is safe to make again: if an attempt whose answer was
// lost has happened, its compares fail, and the log entry tells whose it is. A
// late first attempt fails on the compares likewise.
func (s *Store) commit(ctx context.Context, build func(clientv3.Txn) clientv3.Txn) (*clientv3.TxnResponse, error) {
	lost := false
	for n := 1; ; n++ {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		resp, err := build(s.Pool.After(n - 1).Txn(attempt)).Commit()
		cancel()
		if err == nil {
			return resp, nil
		}
		class := etcd.Classify(err)
		again := class == etcd.ClassUnreachable || class == etcd.ClassNoQuorum
		lost = lost || etcd.OutcomeUnknown(err) && (again || class == etcd.ClassInterrupted)
		if again && ctx.Err() == nil && n < 2*len(s.Pool.Clients()) {
			continue
		}
		if lost {
			return nil, &lostAnswerError{err}
		}
		return nil, err
	}
}

// conflict finds out who was faster.
func (s *Store) conflict(ctx context.Context, p *Plan) error {
	wanted := make([]Wanted, len(p.Changes))
	for i, c := range p.Changes {
		wanted[i] = c.Wanted
		wanted[i].Base = &c.BeforeRevision
	}
	_, err := s.Plan(ctx, wanted)
	if err == nil {
		// Only the log differs: somebody pushed and the config is the same again.
		return &ConflictError{Conflicts: []Conflict{{Host: p.Changes[0].Host, Expected: p.Changes[0].BeforeRevision, Actual: p.Changes[0].BeforeRevision}}, Now: p}
	}
	return err
}
