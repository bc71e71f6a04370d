package configpush

import (
	"context"
	"encoding/json"
	"errors"
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
	_, problem := model.DecodeConfig(kv.Value)
	switch {
	case !utf8.Valid(kv.Value):
		problem = errors.New("not UTF-8 text")
		it.Config, _ = json.Marshal(strconv.QuoteToASCII(string(kv.Value)))
	case !json.Valid(kv.Value):
		it.Config, _ = json.Marshal(string(kv.Value))
	}
	if badName != nil {
		problem = badName
	}
	if problem != nil {
		it.Error = problem.Error()
	}
	return it
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
