package aggregator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// open is a fence that lets everything pass, and loses as many answers as told.
type open struct {
	client *etcd.Client
	lose   int
}

func (o *open) Commit(ctx context.Context, cmps []clientv3.Cmp, ops, orElse []clientv3.Op) (*clientv3.TxnResponse, error) {
	resp, err := o.client.Txn(ctx).If(cmps...).Then(ops...).Else(orElse...).Commit()
	if o.lose > 0 {
		o.lose--
		return nil, context.DeadlineExceeded
	}
	return resp, err
}

func newLedger(c *etcd.Client) (*ledger, *open) {
	f := &open{client: c}
	return &ledger{fence: f, log: slog.New(slog.DiscardHandler), summary: model.Summary{Term: 1, Token: 7}}, f
}

func pageOf(hosts ...string) *page {
	p := &page{roster: map[string]*model.RosterEntry{}, written: time.Now()}
	for _, host := range hosts {
		p.events = append(p.events, model.Event{Type: model.EventJoined, Host: host})
		p.roster[host] = &model.RosterEntry{State: model.NodeAlive}
	}
	return p
}

// stored lists what is under a prefix: "KEY version: VERSION".
func stored(t *testing.T, c *etcd.Client, prefix string) string {
	t.Helper()
	resp, err := c.Get(t.Context(), prefix, clientv3.WithPrefix())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, kv := range resp.Kvs {
		lines = append(lines, fmt.Sprintf("%s %d", strings.TrimLeft(strings.TrimPrefix(string(kv.Key), prefix), "0"), kv.Version))
	}
	return strings.Join(lines, ", ")
}

func TestATxnWhoseAnswerIsLostHappensOnce(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	l, fence := newLedger(client)
	for i, lose := range []int{0, 1, 3, 0} {
		fence.lose = lose
		if _, err := l.write(t.Context(), pageOf(fmt.Sprintf("node-%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := stored(t, client, keys.EventPrefix), "1 1, 2 1, 3 1, 4 1"; got != want {
		t.Errorf("events and how often they were written: %s, want %s", got, want)
	}
	if got, want := stored(t, client, keys.HostPrefix), "node-0 1, node-1 1, node-2 1, node-3 1"; got != want {
		t.Errorf("roster entries and how often they were written: %s, want %s", got, want)
	}
}

// A page whose write was cut short is written again, and happens once.
func TestAPageThatWasCutShortHappensOnce(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	l, fence := newLedger(client)
	fence.lose = 1 << 30
	p := pageOf("node-1")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := l.write(ctx, p); err == nil {
		t.Fatal("a write without an answer succeeded")
	}
	fence.lose = 0
	if _, err := l.write(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got, want := stored(t, client, keys.EventPrefix), "1 1"; got != want {
		t.Errorf("events and how often they were written: %s, want %s", got, want)
	}
}

func TestASummaryOfAnotherClientEndsTheTerm(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	l, _ := newLedger(client)
	if _, err := l.write(t.Context(), pageOf("node-1")); err != nil {
		t.Fatal(err)
	}
	for _, change := range []clientv3.Op{clientv3.OpPut(keys.Summary(), "{}"), clientv3.OpDelete(keys.Summary())} {
		if _, err := client.Do(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if _, err := l.write(t.Context(), pageOf("node-2")); !errors.Is(err, errStrange) {
			t.Errorf("written over a summary of somebody else: %v", err)
		}
	}
	if got, want := stored(t, client, keys.EventPrefix), "1 1"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
}

func TestOnlyTheNewestEventsAreKept(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	l, _ := newLedger(client)
	if _, err := l.write(t.Context(), pageOf("node-1", "node-2", "node-3")); err != nil {
		t.Fatal(err)
	}
	l.summary.Seq = model.MaxEvents
	if _, err := l.write(t.Context(), pageOf("node-4", "node-5")); err != nil {
		t.Fatal(err)
	}
	if got, want := stored(t, client, keys.EventPrefix), "3 1, 10001 1, 10002 1"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
}

// What later versions write into a record outlives a leader of this one.
func TestUnknownFieldsAreKept(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	l, _ := newLedger(client)
	s, err := model.DecodeSummary([]byte(`{"seq":4,"term":2,"weather":{"sky":"clear"}}`))
	if err != nil {
		t.Fatal(err)
	}
	l.summary = *s
	if _, err := l.write(t.Context(), pageOf()); err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get(t.Context(), keys.Summary())
	if err != nil {
		t.Fatal(err)
	}
	if got := string(resp.Kvs[0].Value); !strings.Contains(got, `"weather":{"sky":"clear"}`) || !strings.Contains(got, `"seq":4`) {
		t.Errorf("summary %s", got)
	}
}
