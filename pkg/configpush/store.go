package configpush

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Store is the configuration of one cluster.
type Store struct {
	Pool *etcd.Pool
	// By names the person who pushes, for the log: user@host.
	By  string
	Now func() time.Time
}

// List returns every stored config, sorted by host with the default first.
func (s *Store) List(ctx context.Context) ([]model.ConfigItem, error) {
	resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.GetResponse, error) {
		return c.Get(ctx, keys.ConfigPrefix, clientv3.WithPrefix())
	})
	if err != nil {
		return nil, fmt.Errorf("list configs: %w", err)
	}
	items := make([]model.ConfigItem, 0, len(resp.Kvs))
	for _, kv := range resp.Kvs {
		host, err := keys.ConfigHost(string(kv.Key))
		items = append(items, item(host, kv, err))
	}
	slices.SortStableFunc(items, func(a, b model.ConfigItem) int {
		switch {
		case a.Host == model.DefaultHost:
			return -1
		case b.Host == model.DefaultHost:
			return 1
		}
		return 0 // etcd has sorted them
	})
	return items, nil
}

// Get returns the stored configs of hosts, in their order; Revision is 0 for a
// host that has none.
func (s *Store) Get(ctx context.Context, hosts []string) ([]model.ConfigItem, error) {
	current, err := s.current(ctx, hosts)
	if err != nil {
		return nil, err
	}
	items := make([]model.ConfigItem, len(hosts))
	for i, host := range hosts {
		items[i] = model.ConfigItem{Host: host}
		if kv := current[i].config; kv != nil {
			items[i] = item(host, kv, nil)
		}
	}
	return items, nil
}

// item shows what is stored, whatever it is: as JSON if it is that, else as a
// string, with the reason why it is no config.
func item(host string, kv *mvccpb.KeyValue, badName error) model.ConfigItem {
	it := model.ConfigItem{Host: host, Revision: kv.ModRevision, Config: kv.Value}
	if _, err := model.DecodeConfig(kv.Value); err != nil {
		it.Error = err.Error()
	}
	if badName != nil {
		it.Error = badName.Error()
	}
	if !json.Valid(kv.Value) {
		if utf8.Valid(kv.Value) {
			it.Config, _ = json.Marshal(string(kv.Value))
		} else {
			it.Config, _ = json.Marshal(strconv.QuoteToASCII(string(kv.Value)))
		}
	}
	return it
}

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

// seq is the sequence number of the last log entry, 0 if there is none.
func (e *entry) seq() int64 {
	if e.log == nil {
		return 0
	}
	_, seq, err := keys.ConfigLogSeq(string(e.log.Key))
	if err != nil {
		return 0
	}
	return seq
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

// Author is who made a change. By is empty for a client that left no log entry.
type Author struct {
	By      string
	At      time.Time
	Message string
}

// Unreported returns those of hosts that have no heartbeat.
func (s *Store) Unreported(ctx context.Context, hosts []string) ([]string, error) {
	var missing []string
	for chunk := range slices.Chunk(hosts, 2*readsPerTxn) {
		ops := make([]clientv3.Op, len(chunk))
		for i, host := range chunk {
			ops[i] = clientv3.OpGet(keys.Heartbeat(host), clientv3.WithCountOnly())
		}
		resp, err := etcd.Read(ctx, s.Pool, func(ctx context.Context, c *etcd.Client) (*clientv3.TxnResponse, error) {
			return c.Txn(ctx).Then(ops...).Commit()
		})
		if err != nil {
			return nil, fmt.Errorf("look for the heartbeat of %q: %w", chunk[0], err)
		}
		for i, host := range chunk {
			if resp.Responses[i].GetResponseRange().Count == 0 {
				missing = append(missing, host)
			}
		}
	}
	return missing, nil
}
