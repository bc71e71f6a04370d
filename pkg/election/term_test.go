package election

import (
	"context"
	"errors"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// lead makes a term of a key put by hand, whose clock stands for ttl.
func lead(t *testing.T, client *etcd.Client, ttl time.Duration) (context.Context, *Term) {
	t.Helper()
	resp, err := client.Put(t.Context(), "/leader", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancelCause(t.Context())
	t.Cleanup(func() { end(nil) })
	clock := newDeadline()
	clock.extend(time.Now(), ttl)
	return ctx, &Term{client: client, key: "/leader", token: resp.Header.Revision, clock: clock, end: end}
}

var put = []clientv3.Op{clientv3.OpPut("/x", "")}

func version(t *testing.T, client *etcd.Client) int64 {
	t.Helper()
	resp, err := client.Get(t.Context(), "/x")
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Kvs) == 0 {
		return 0
	}
	return resp.Kvs[0].Version
}

// Neither a clock that goes wrong nor a pause between the look at it and the
// write lets a deposed leader write: the fence alone decides.
func TestPausedLeaderCannotWrite(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	ctx, term := lead(t, client, time.Hour)
	if resp, err := term.Commit(ctx, nil, put, nil); err != nil || !resp.Succeeded {
		t.Fatalf("the leader's write: %v", err)
	}
	for _, change := range []clientv3.Op{
		clientv3.OpDelete("/leader"),
		clientv3.OpPut("/leader", "another leader's, at the same key"),
	} {
		if _, err := client.Do(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if _, err := term.Commit(t.Context(), nil, put, nil); !errors.Is(err, ErrDeposed) {
			t.Errorf("a deposed leader's write: %v", err)
		}
	}
	if n := version(t, client); n != 1 {
		t.Errorf("%d writes are in the store, not 1", n)
	}
	if cause := context.Cause(ctx); !errors.Is(cause, errKeyGone) {
		t.Errorf("the refused write ended the term with %v", cause)
	}
}

// A leader that wakes up after its deadline begins nothing, also where nobody has
// succeeded it yet.
func TestALeaderPastItsDeadlineBeginsNothing(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	ctx, term := lead(t, client, 0)
	if _, err := term.Commit(t.Context(), nil, put, nil); !errors.Is(err, ErrDeposed) {
		t.Errorf("a write past the deadline: %v", err)
	}
	if n := version(t, client); n != 0 {
		t.Errorf("%d writes are in the store", n)
	}
	if cause := context.Cause(ctx); !errors.Is(cause, errSilent) {
		t.Errorf("the term ended with %v", cause)
	}
}

func TestACompareOfTheCallersEndsNoTerm(t *testing.T) {
	t.Parallel()
	client := testcluster.Start(t, 1).Client()
	ctx, term := lead(t, client, time.Hour)
	absent := []clientv3.Cmp{clientv3.Compare(clientv3.CreateRevision("/x"), "=", 0)}
	for _, want := range []bool{true, false} {
		resp, err := term.Commit(ctx, absent, put, []clientv3.Op{clientv3.OpGet("/x")})
		if err != nil || resp.Succeeded != want {
			t.Fatalf("committed: %v, %v", resp, err)
		}
		if !want && (len(resp.Responses) != 1 || len(resp.Responses[0].GetResponseRange().Kvs) != 1) {
			t.Errorf("the answers to orElse are %v", resp.Responses)
		}
	}
	if ctx.Err() != nil {
		t.Errorf("the term ended with %v", context.Cause(ctx))
	}
}

func TestACommitWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	client := c.Client()
	ctx, term := lead(t, client, time.Hour)
	c.Members[0].Mute()
	once, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := term.Commit(once, nil, put, nil)
	if err == nil || errors.Is(err, ErrDeposed) || !etcd.OutcomeUnknown(err) {
		t.Errorf("the answer was lost, and the error is %v", err)
	}
	c.Members[0].Mend()
	if n := version(t, client); n != 1 {
		t.Errorf("written %d times", n)
	}
	if ctx.Err() != nil {
		t.Errorf("the term ended with %v", context.Cause(ctx))
	}
}
