package aggregator_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/aggregator"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// replicaEnv holds the JSON of a replicaConfig where the test's binary is to run
// as a replica.
const replicaEnv = "AGGREGATOR_TEST_REPLICA"

type replicaConfig struct {
	Name      string
	Endpoints []string
	TTL       time.Duration
	// Plain runs etcd's own concurrency.Election instead, as the yardstick: its
	// leader writes a summary with nothing but its name and token.
	Plain bool
}

func replicaMain() int {
	var cfg replicaConfig
	if err := json.Unmarshal([]byte(os.Getenv(replicaEnv)), &cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	run := runAggregator
	if cfg.Plain {
		run = runPlain
	}
	if err := run(ctx, cfg); ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runAggregator(ctx context.Context, cfg replicaConfig) error {
	return aggregator.New(aggregator.Config{
		Name: cfg.Name, Instance: rand.Text(), Version: "test", Listen: "127.0.0.1:0", LeaderTTL: cfg.TTL,
		Etcd: etcd.Config{Endpoints: cfg.Endpoints}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}).Run(ctx)
}

func runPlain(ctx context.Context, cfg replicaConfig) error {
	client, err := etcd.New(etcd.Config{Endpoints: cfg.Endpoints})
	if err != nil {
		return err
	}
	defer client.Close()
	for ctx.Err() == nil {
		session, err := concurrency.NewSession(client.Client, concurrency.WithTTL(int(cfg.TTL/time.Second)))
		if err != nil {
			continue
		}
		e := concurrency.NewElection(session, keys.Election(keys.AggregatorElection))
		value, err := json.Marshal(model.Aggregator{Name: cfg.Name, Instance: "plain"})
		if err != nil {
			return err
		}
		if err := e.Campaign(ctx, string(value)); err != nil {
			_ = session.Close()
			continue
		}
		summary, err := json.Marshal(model.Summary{Token: e.Rev(), Leader: model.Aggregator{Name: cfg.Name}})
		if err != nil {
			return err
		}
		for { // until it is written, as anybody would
			if _, err := client.Put(ctx, keys.Summary(), string(summary)); err == nil || ctx.Err() != nil {
				break
			}
		}
		select {
		case <-session.Done():
			continue
		case <-ctx.Done():
		}
		resigning, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		_ = e.Resign(resigning)
		cancel()
		_ = session.Close()
	}
	return ctx.Err()
}

// process is a replica as a process of its own.
type process struct {
	t   testing.TB
	cfg replicaConfig
	cmd *exec.Cmd
	log string
}

// start runs a replica until the test ends.
func start(t testing.TB, cfg replicaConfig) *process {
	t.Helper()
	p := &process{t: t, cfg: cfg, log: filepath.Join(t.TempDir(), cfg.Name+".log")}
	p.start()
	t.Cleanup(p.end)
	return p
}

func (p *process) start() {
	p.t.Helper()
	cfg, err := json.Marshal(p.cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.CommandContext(context.Background(), os.Args[0]) // ended by end, after the test's context
	p.cmd.Env = append(os.Environ(), replicaEnv+"="+string(cfg), "GORACE=atexit_sleep_ms=0")
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// wait waits until the process has ended.
func (p *process) wait() { _ = p.cmd.Wait() }

func (p *process) end() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.wait()
	if p.t.Failed() {
		if log, err := os.ReadFile(p.log); err == nil && len(log) > 0 {
			p.t.Logf("log of %s:\n%s", p.cfg.Name, log[max(0, len(log)-4000):])
		}
	}
}

// summaries tells of every summary that is written, with the time at which this
// process saw it.
func summaries(t testing.TB, c *etcd.Client) <-chan sighting {
	t.Helper()
	seen := make(chan sighting, 10_000)
	ctx, cancel := context.WithCancel(context.Background()) // a benchmark's ends with its first round
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Follow(ctx, []etcd.Range{{Key: keys.Summary()}}, etcd.Follower{Update: func(u etcd.Update) {
			for _, change := range u.Changes {
				if change.KV == nil {
					continue
				}
				if s, err := model.DecodeSummary(change.KV.Value); err == nil {
					seen <- sighting{s, time.Now()}
				}
			}
		}})
	}()
	t.Cleanup(func() { cancel(); <-done })
	return seen
}

type sighting struct {
	*model.Summary
	at time.Time
}

// candidateNames lists who stands for election, the leader first.
func candidateNames(t testing.TB, c *etcd.Client) []string {
	t.Helper()
	resp, err := c.Get(t.Context(), keys.Candidates(keys.AggregatorElection), clientv3.WithPrefix(),
		clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend))
	if err != nil {
		return nil
	}
	var names []string
	for _, kv := range resp.Kvs {
		if a, err := model.DecodeAggregator(kv.Value); err == nil {
			names = append(names, a.Name)
		}
	}
	return names
}
