package configpush

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// entry is what is stored for one host: its config and its last log entry.
type entry struct {
	config *mvccpb.KeyValue // nil if there is none
	log    *mvccpb.KeyValue // nil if there is none
}

// readsPerTxn keeps a read below the 128 operations that a server allows by default.
const readsPerTxn = 60

func (s *Store) current(ctx context.Context, hosts []string) ([]entry, error) {
	entries := make([]entry, 0, len(hosts))
	for chunk := range slices.Chunk(hosts, readsPerTxn) {
		var ops []clientv3.Op
		for _, host := range chunk {
			ops = append(ops,
				clientv3.OpGet(keys.Config(host)),
				clientv3.OpGet(keys.ConfigLog(host), clientv3.WithPrefix(), clientv3.WithSort(clientv3.SortByKey, clientv3.SortDescend), clientv3.WithLimit(1)))
		}
		resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
			return c.Txn(ctx).Then(ops...).Commit()
		})
		if err != nil {
			return nil, fmt.Errorf("read config %q: %w", chunk[0], err)
		}
		for i := range chunk {
			entries = append(entries, entry{
				config: first(resp.Responses[2*i].GetResponseRange().Kvs),
				log:    first(resp.Responses[2*i+1].GetResponseRange().Kvs),
			})
		}
	}
	return entries, nil
}

func first(kvs []*mvccpb.KeyValue) *mvccpb.KeyValue {
	if len(kvs) == 0 {
		return nil
	}
	return kvs[0]
}

// seq is the sequence number of the last log entry, 0 if there is none. A key
// that is no entry's is an error: who counted on from 0 would meet an old entry,
// and take that for a conflict for ever.
func (e *entry) seq() (int64, error) {
	if e.log == nil {
		return 0, nil
	}
	_, seq, err := keys.ConfigLogSeq(string(e.log.Key))
	return seq, err
}

// value is what is stored: nil for no config, and not nil for an empty one.
func (e *entry) value() []byte {
	if e.config == nil {
		return nil
	}
	return append([]byte{}, e.config.Value...)
}

func (e *entry) revision() int64 {
	if e.config == nil {
		return 0
	}
	return e.config.ModRevision
}

// author tells who wrote what is stored now: the last log entry's author, if
// that entry was written in the same txn.
func (e *entry) author() Author {
	if e.log == nil || e.config != nil && e.log.ModRevision != e.config.ModRevision {
		return Author{}
	}
	var change model.ConfigChange
	if json.Unmarshal(e.log.Value, &change) != nil || e.config == nil && !change.Deleted {
		return Author{}
	}
	return Author{By: change.By, At: change.At, Message: change.Message}
}

// authorSince is author, if it was that change which replaced the config of
// revision base: who deleted an earlier one has not deleted this one too.
func (e *entry) authorSince(base int64) Author {
	if e.config == nil && e.log != nil && e.log.ModRevision < base {
		return Author{}
	}
	return e.author()
}

// Author is who made a change. By is empty for a client that left no log entry.
type Author struct {
	By      string
	At      time.Time
	Message string
}
