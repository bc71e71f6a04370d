package aggregator_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// BenchmarkFailover measures from the signal that the leading replica gets to the
// first write of the next leader, as another client sees it; "etcd-too" from the
// first write that etcd accepts after its own leader was killed at the same time.
// "plain" is etcd's concurrency.Election with the same TTL. A round is one
// failover: run with -benchtime 30x.
func BenchmarkFailover(b *testing.B) {
	for _, how := range []struct {
		name string
		end  syscall.Signal
		etcd bool
	}{
		{"term", syscall.SIGTERM, false}, {"kill", syscall.SIGKILL, false}, {"stop", syscall.SIGSTOP, false}, {"etcd-too", syscall.SIGKILL, true},
	} {
		for _, plain := range []bool{false, true} {
			name := how.name + "/ours"
			if plain {
				name = how.name + "/plain"
			}
			b.Run(name, func(b *testing.B) { newFailover(b, plain).measure(how.end, how.etcd) })
		}
	}
}

type failover struct {
	b        *testing.B
	cluster  *testcluster.Cluster
	client   *etcd.Client
	replicas map[string]*process
	seen     <-chan sighting
	leader   sighting
}

func newFailover(b *testing.B, plain bool) *failover {
	b.Helper()
	c := testcluster.Start(b, 3)
	f := &failover{b: b, cluster: c, client: c.Client(), replicas: map[string]*process{}, seen: summaries(b, c.Client())}
	for i := range 2 {
		name := fmt.Sprintf("replica-%d", i+1)
		f.replicas[name] = start(b, replicaConfig{Name: name, Endpoints: c.Endpoints(), TTL: 5 * time.Second, Plain: plain})
	}
	f.leader = f.next(0)
	return f
}

// next waits for the first write of a leader after the one with a token.
func (f *failover) next(token int64) sighting {
	f.b.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case s := <-f.seen:
			if s.Token > token {
				return s
			}
			if s.Token < token {
				f.b.Errorf("%s has written after a later leader", s.Leader.Name)
			}
		case <-timeout:
			f.b.Fatal("no new leader in a minute")
		}
	}
}

func (f *failover) measure(end syscall.Signal, etcdToo bool) {
	var gaps []time.Duration
	for range f.b.N {
		f.awaitStandby()
		leader := f.replicas[f.leader.Leader.Name]
		token := f.leader.Token
		began := time.Now()
		leader.signal(end)
		var member *testcluster.Member
		if etcdToo {
			member = f.cluster.Leader()
			member.Stop()
			began = f.accepts()
		}
		f.leader = f.next(token)
		gaps = append(gaps, max(0, f.leader.at.Sub(began)))
		if member != nil {
			member.Start()
		}
		if end == syscall.SIGSTOP {
			leader.signal(syscall.SIGCONT)
			continue
		}
		leader.wait()
		leader.start()
	}
	slices.Sort(gaps)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	f.b.ReportMetric(0, "ns/op")
	f.b.ReportMetric(ms(gaps[len(gaps)/2]), "ms-p50")
	f.b.ReportMetric(ms(gaps[(len(gaps)*99+99)/100-1]), "ms-p99")
	f.b.ReportMetric(ms(gaps[len(gaps)-1]), "ms-max")
}

// accepts returns when etcd has accepted a write again.
func (f *failover) accepts() time.Time {
	f.b.Helper()
	for {
		done := make(chan error, 3)
		for range cap(done) { // one that the dead leader took along must not hold up the rest
			go func() {
				_, err := f.client.Put(f.b.Context(), keys.Root+"probe", "")
				done <- err
			}()
		}
		select {
		case err := <-done:
			if err == nil {
				return time.Now()
			}
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// awaitStandby waits until the other replica stands in line and has had the time
// to connect to the leader.
func (f *failover) awaitStandby() {
	f.b.Helper()
	for len(candidateNames(f.b, f.client)) < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
}
