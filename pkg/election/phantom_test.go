package election_test

import (
	"context"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
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
	awaitLine(t, client, place)
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
	if left := line(t, c.Client()); err != nil || len(left) > 0 {
		t.Fatalf("Campaign returned %v with the keys %v", err, left)
	}
}

// A phantom leads without a key, or with a token that is not its key's. Campaign
// makes one of a candidate whose key goes before, or together with, the leader's.
func TestNobodyLeadsWithoutAKey(t *testing.T) {
	t.Parallel()
	for what, rob := range map[string]func(ctx context.Context, c *etcd.Client, first, waiting election.Candidate) error{
		"key deleted": func(ctx context.Context, c *etcd.Client, first, waiting election.Candidate) error {
			_, err := c.Txn(ctx).Then(clientv3.OpDelete(first.Key), clientv3.OpDelete(waiting.Key)).Commit()
			return err
		},
		"key put anew": func(ctx context.Context, c *etcd.Client, first, waiting election.Candidate) error {
			if _, err := c.Delete(ctx, waiting.Key); err != nil {
				return err
			}
			_, err := c.Txn(ctx).Then(clientv3.OpDelete(first.Key), clientv3.OpPut(waiting.Key, "forged")).Commit()
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			client := c.Client()
			first := rival(t, client)
			r := run(t, config(c.Client()))
			if err := rob(t.Context(), client, first, awaitLine(t, client, 2)[1]); err != nil {
				t.Fatal(err)
			}
			term := await(t, "leader", r.terms)
			resp, err := client.Get(t.Context(), term.Key())
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.Kvs) == 0 || resp.Kvs[0].CreateRevision != term.Token() {
				t.Fatalf("leads with token %d, and its key holds %v", term.Token(), resp.Kvs)
			}
			if err := commit(t.Context(), term, "/x"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A zombie waits for ever, and stands in line no more.
func TestACandidateThatLosesItsPlaceStandsInLineAgain(t *testing.T) {
	t.Parallel()
	for what, remove := range map[string]func(context.Context, *etcd.Client, election.Candidate) error{
		"key deleted": func(ctx context.Context, c *etcd.Client, waiting election.Candidate) error {
			_, err := c.Delete(ctx, waiting.Key)
			return err
		},
		"lease revoked": func(ctx context.Context, c *etcd.Client, waiting election.Candidate) error {
			_, err := c.Revoke(ctx, waiting.Lease)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := testcluster.Start(t, 1)
			client := c.Client()
			first := rival(t, client)
			r := run(t, config(c.Client()))
			waiting := awaitLine(t, client, 2)[1]
			if err := remove(t.Context(), client, waiting); err != nil {
				t.Fatal(err)
			}
			awaitLine(t, client, 2)
			if _, err := client.Delete(t.Context(), first.Key); err != nil {
				t.Fatal(err)
			}
			if term := await(t, "leader", r.terms); term.Token() <= waiting.Token {
				t.Errorf("leads with the token %d of a key that is gone", term.Token())
			}
		})
	}
}
