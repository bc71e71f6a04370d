package agent_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, os.Stderr)) }

const patient = 15 * time.Second

// counter is a sampler that tells how often it was asked.
type counter struct{ n atomic.Int64 }

func (c *counter) Sample(_ context.Context, metrics []string) sensor.Reading {
	r := sensor.Reading{Metrics: map[string]float64{}, Errors: map[string]string{}}
	n := c.n.Add(1)
	for _, m := range metrics {
		r.Metrics[m] = float64(n)
	}
	return r
}

// running is an agent that runs in a test.
type running struct {
	t *testing.T
	*agent.Agent
	sampled *counter
	cancel  context.CancelFunc
	end     chan error
}

func identity(host, owner, boot string) agent.Identity {
	return agent.Identity{Host: host, Owner: owner, Boot: boot, Version: "test"}
}

func start(t *testing.T, c *testcluster.Cluster, id agent.Identity) *running {
	t.Helper()
	client, err := etcd.New(agent.Client(etcd.Config{Endpoints: c.Endpoints()}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	r := &running{t: t, sampled: new(counter), end: make(chan error, 1)}
	r.Agent = agent.New(id, client, r.sampled, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	var done sync.WaitGroup
	done.Go(func() { r.end <- r.Run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return r
}

// stop ends the agent and returns what Run returned.
func (r *running) stop() error { r.cancel(); return r.ended() }

func (r *running) ended() error {
	r.t.Helper()
	select {
	case err := <-r.end:
		return err
	case <-time.After(patient):
		r.t.Fatal("the agent does not end")
		return nil
	}
}

// observer watches one host's heartbeat key from the test's start.
type observer struct {
	t      *testing.T
	events <-chan clientv3.WatchResponse
	queue  []*clientv3.Event
}

func observe(t *testing.T, client *etcd.Client, host string) *observer {
	t.Helper()
	return &observer{t: t, events: client.Watch(t.Context(), keys.Heartbeat(host), clientv3.WithCreatedNotify())}
}

// beat is one change of the key: a heartbeat, or its deletion.
type beat struct {
	model.Heartbeat
	deleted bool
	lease   clientv3.LeaseID
	rev     int64
}

// next waits for the key's next change.
func (o *observer) next() beat {
	o.t.Helper()
	for len(o.queue) == 0 {
		select {
		case resp := <-o.events:
			if err := resp.Err(); err != nil {
				o.t.Fatal(err)
			}
			o.queue = append(o.queue, resp.Events...)
		case <-time.After(patient):
			o.t.Fatal("no change of the heartbeat key")
		}
	}
	e := o.queue[0]
	o.queue = o.queue[1:]
	b := beat{deleted: e.Type == clientv3.EventTypeDelete, lease: clientv3.LeaseID(e.Kv.Lease), rev: e.Kv.ModRevision}
	if !b.deleted {
		_ = json.Unmarshal(e.Kv.Value, &b.Heartbeat)
	}
	return b
}

// until waits for a heartbeat that ok accepts, and fails if the key is deleted
// before: a node that lives must not look dead.
func (o *observer) until(what string, ok func(beat) bool) beat {
	o.t.Helper()
	deadline := time.Now().Add(patient)
	for time.Now().Before(deadline) {
		b := o.next()
		if b.deleted {
			o.t.Fatalf("waiting for %s: the heartbeat vanished", what)
		}
		if ok(b) {
			return b
		}
	}
	o.t.Fatalf("never: %s", what)
	return beat{}
}

func alive(b beat) bool { return b.Status == model.StatusAlive }

// put stores a raw value as any etcd client would, and returns its revision.
func put(t *testing.T, client *etcd.Client, key, value string) int64 {
	t.Helper()
	resp, err := client.Put(t.Context(), key, value)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Header.Revision
}
