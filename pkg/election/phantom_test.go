package election_test

import (
	"context"
	"errors"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// bare is a candidate on etcd's own package, with none of our guards.
type bare struct {
	session  *concurrency.Session
	returned chan error // what Campaign returns
}

// campaign lets a bare candidate campaign, and waits until it stands in line.
func campaign(t *testing.T, c *testcluster.Cluster, place int) *bare {
	t.Helper()
	client := c.Client()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	session, err := concurrency.NewSession(client.Client, concurrency.WithTTL(3), concurrency.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	b := &bare{session: session, returned: make(chan error, 1)}
	go func() { b.returned <- concurrency.NewElection(session, keys.Election(name)).Campaign(ctx, "bare") }()
	for len(candidates(t, client)) != place {
		time.Sleep(5 * time.Millisecond)
	}
	return b
}

// What is wrong with etcd's own package, and why this one exists (etcd#19597).
// Where this test fails, etcd has mended it.
func TestBareCampaignElectsACandidateWithoutAKey(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	leader := campaign(t, c, 1)
	if err := await(t, "leader", leader.returned); err != nil {
		t.Fatal(err)
	}
	waiting := campaign(t, c, 2)
	if _, err := c.Client().Revoke(t.Context(), waiting.session.Lease()); err != nil {
		t.Fatal(err)
	}
	await(t, "end of the session", waiting.session.Done())
	select {
	case err := <-waiting.returned:
		t.Fatalf("Campaign noticed that its session ended: %v", err)
	case <-time.After(time.Second): // a zombie: no key, no session, and it waits
	}
	if _, err := c.Client().Revoke(t.Context(), leader.session.Lease()); err != nil {
		t.Fatal(err)
	}
	err := await(t, "return of Campaign", waiting.returned)
	if left := candidates(t, c.Client()); err != nil || len(left) > 0 {
		t.Fatalf("Campaign returned %v with the keys %v", err, left)
	}
}

// A candidate whose key vanishes while it waits does not lead without one.
func TestNobodyLeadsWithoutAKey(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	first := run(t, c.Client())
	one := await(t, "leader", first.terms)
	second := run(t, c.Client())
	var waiting string
	for waiting == "" {
		for _, key := range candidates(t, c.Client()) {
			if key != one.Key() {
				waiting = key
			}
		}
	}
	if _, err := c.Client().Delete(t.Context(), waiting); err != nil {
		t.Fatal(err)
	}
	first.stop()
	two := await(t, "second leader", second.terms)
	resp, err := c.Client().Get(t.Context(), two.Key())
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Kvs) == 0 || resp.Kvs[0].CreateRevision != two.Token() {
		t.Fatalf("leads with token %d, and its key holds %v", two.Token(), resp.Kvs)
	}
	if err := commit(t.Context(), two, "/x"); err != nil {
		t.Error(err)
	}
}

// A candidate whose lease ends while it waits stands in line again.
func TestACandidateWhoseLeaseEndsStandsAgain(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	first := run(t, c.Client())
	await(t, "leader", first.terms)
	second := run(t, c.Client())
	var lease clientv3.LeaseID
	for lease == 0 {
		resp, err := c.Client().Get(t.Context(), keys.Candidates(name), clientv3.WithLastCreate()...)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(candidates(t, c.Client())); n == 2 {
			lease = clientv3.LeaseID(resp.Kvs[0].Lease)
		}
	}
	if _, err := c.Client().Revoke(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	for len(candidates(t, c.Client())) != 2 {
		time.Sleep(5 * time.Millisecond)
	}
	first.stop()
	await(t, "second leader", second.terms)
}

func TestStoppingIsQuickWithTheStoreAway(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	leader := run(t, c.Client())
	await(t, "leader", leader.terms)
	standby := run(t, c.Client())
	for len(candidates(t, c.Client())) != 2 {
		time.Sleep(5 * time.Millisecond)
	}
	c.Members[0].Cut()
	defer c.Members[0].Mend()
	began := time.Now()
	standby.stop()
	leader.stop()
	if took := time.Since(began); took > 4*time.Second { // a second each, and a slow machine
		t.Errorf("took %v", took)
	}
	if err := await(t, "end of the term", leader.ends); !errors.Is(err, context.Canceled) {
		t.Errorf("the term ended with %v", err)
	}
}
