package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/procfs"
	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const (
	fleetSize = 10_000
	// opsPerTxn is below etcd's own limit of 128.
	opsPerTxn = 100
)

// fleet is a local cluster that holds the heartbeats of fleetSize nodes.
type fleet struct {
	*cluster
	etcdctl string
	client  *etcd.Client
	lease   clientv3.LeaseID
}

func newFleet(b *testing.B) *fleet {
	b.Helper()
	ours := build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor")
	f := &fleet{etcdctl: build(b, "etcdctl", "go.etcd.io/etcd/etcdctl/v3")}
	f.cluster = upped(b, ours, "--agents", "0", "--aggregators", "0")
	urls := f.memberURLs(b)
	f.env = append(f.env, "ETCDCTL_ENDPOINTS="+urls)
	var err error
	if f.client, err = etcd.New(etcd.Config{Endpoints: strings.Split(urls, ",")}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.client.Close)
	lease, err := f.client.Grant(b.Context(), int64(time.Hour/time.Second))
	if err != nil {
		b.Fatal(err)
	}
	f.lease = lease.ID
	for i := 0; i < fleetSize; i += opsPerTxn {
		var puts []clientv3.Op
		for n := range opsPerTxn {
			puts = append(puts, f.beat(i+n, 1))
		}
		if _, err := f.client.Txn(b.Context()).Then(puts...).Commit(); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

// beat is the put of a node's heartbeat as our agents send it.
func (f *fleet) beat(node int, seq uint64) clientv3.Op {
	host := fmt.Sprintf("node-%05d", node)
	metrics := make(map[string]float64)
	for i, name := range model.BuiltIn().Metrics {
		metrics[name] = float64(seq) + float64(i)/8
	}
	data, err := json.Marshal(model.Heartbeat{
		Status: model.StatusAlive, TS: float64(time.Now().UnixMilli()) / 1000, Host: host, Owner: "4c4c4544-0042-3510-8052-b4c04f4d3532",
		Boot: "XQ5NTBTLMKFVPWIJ3S2TQ7EYFA", Seq: seq, Interval: 10, Silence: 3600, TTL: 5, ConfigRev: 42, Version: "v0.1.0", Metrics: metrics,
	})
	if err != nil {
		f.Fatal(err)
	}
	return clientv3.OpPut(keys.Heartbeat(host), string(data), clientv3.WithLease(f.lease))
}

// BenchmarkFleet10000 times whole processes that look at 10,000 nodes, beside
// etcdctl, which reads and prints the same keys.
func BenchmarkFleet10000(b *testing.B) {
	f := newFleet(b)
	for _, m := range []struct {
		name string
		run  []string
	}{
		{"status", []string{f.program, "status"}},
		{"nodes", []string{f.program, "nodes"}},
		{"etcdctl-get", []string{f.etcdctl, "get", "--prefix", keys.HeartbeatPrefix, "-w", "json"}},
	} {
		b.Run(m.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := f.command(m.run[0], m.run[1:]...).Run(); err != nil {
					b.Fatalf("%v: %v", m.run, err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(mostMemory(b, f.command(m.run[0], m.run[1:]...)))/1e6, "MB/process")
		})
	}
}

// mostMemory runs a command and returns the most memory that it had resident, in
// bytes. It looks while the command runs: what the kernel tells of it afterwards
// is at least what the process had that started it.
func mostMemory(b *testing.B, c *exec.Cmd) uint64 {
	b.Helper()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	p, err := procfs.NewProc(c.Process.Pid)
	if err != nil {
		b.Fatal(err)
	}
	var most uint64
	for {
		s, err := p.NewStatus()
		if err != nil || s.VmHWM == 0 { // it has ended
			break
		}
		most = s.VmHWM
		time.Sleep(500 * time.Microsecond)
	}
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	return most
}

// change makes changes of the fleet's heartbeats, so many a second, until ctx
// ends, and returns how many were made.
func (f *fleet) change(ctx context.Context, perSecond int) (made int, err error) {
	const round, inFlight = 10 * time.Millisecond, 200
	tick := time.NewTicker(round)
	defer tick.Stop()
	var puts errgroup.Group
	puts.SetLimit(inFlight)
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			return made, puts.Wait()
		case <-tick.C:
		}
		for due := int(time.Since(began).Seconds() * float64(perSecond)); made < due; made++ {
			put := f.beat(made%fleetSize, uint64(2+made/fleetSize))
			puts.Go(func() error {
				if _, err := f.client.Do(ctx, put); err != nil && ctx.Err() == nil {
					return err
				}
				return nil
			})
		}
	}
}
