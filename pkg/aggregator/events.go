package aggregator

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// readEvents reads the events that are kept, the oldest first. What is no event is
// left out.
func readEvents(ctx context.Context, client *etcd.Client) ([]model.Event, error) {
	resp, err := client.Get(ctx, keys.EventPrefix, clientv3.WithPrefix())
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]model.Event, 0, len(resp.Kvs))
	for _, kv := range resp.Kvs {
		seq, err := keys.EventSeq(string(kv.Key))
		if err != nil {
			continue
		}
		if e, err := model.DecodeEvent(kv.Value); err == nil {
			e.Seq = seq
			events = append(events, *e)
		}
	}
	return events, nil
}
