package aggregator

import (
	"context"
	"fmt"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// inheritance is what the leaders before have left, as of one revision.
type inheritance struct {
	summary         *model.Summary // nil if there is none that can be read
	summaryRevision int64          // mod revision of its key; 0 if there is none
	last            *model.Event   // the newest event; nil if there is none
	roster          []*mvccpb.KeyValue
	revision        int64 // the store's
}

// inherit reads what the leaders before have left. Once this replica leads, none
// of them can add to it.
func inherit(ctx context.Context, client *etcd.Client) (*inheritance, error) {
	resp, err := client.Txn(ctx).Then(
		clientv3.OpGet(keys.Summary()),
		clientv3.OpGet(keys.EventPrefix, clientv3.WithLastKey()...),
		clientv3.OpGet(keys.HostPrefix, clientv3.WithPrefix()),
	).Commit()
	if err != nil {
		return nil, fmt.Errorf("read roster and summary: %w", err)
	}
	found := &inheritance{revision: resp.Header.Revision, roster: resp.Responses[2].GetResponseRange().Kvs}
	for _, kv := range resp.Responses[0].GetResponseRange().Kvs {
		found.summaryRevision = kv.ModRevision
		found.summary, _ = model.DecodeSummary(kv.Value)
	}
	for _, kv := range resp.Responses[1].GetResponseRange().Kvs {
		seq, err := keys.EventSeq(string(kv.Key))
		if err != nil {
			continue
		}
		if found.last, err = model.DecodeEvent(kv.Value); err != nil {
			found.last = new(model.Event)
		}
		found.last.Seq = seq
	}
	return found, nil
}

// position is the number of the newest event and of the newest term, and the
// revision up to which all is counted; 0 where the summary that told is gone.
func (i *inheritance) position() (seq, term, cursor int64) {
	if i.last != nil {
		seq, term = i.last.Seq, i.last.Term
	}
	if i.summary != nil {
		seq, term, cursor = max(seq, i.summary.Seq), max(term, i.summary.Term), i.summary.Cursor
	}
	return seq, term, cursor
}
