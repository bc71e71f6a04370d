package election_test

import (
	"context"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestADeposedLeaderIsSucceededByTheNextInLine(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	dead := rival(t, c.Client()) // it will not resign
	r := run(t, config(c.Client()))
	awaitLine(t, c.Client(), 2)
	if removed, err := election.Depose(t.Context(), c.Client(), dead); !removed || err != nil {
		t.Fatalf("depose: %v, %v", removed, err)
	}
	await(t, "leader", r.terms)
}

func TestAKeyThatWasPutLaterIsNotDeposed(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	client := c.Client()
	dead := rival(t, client)
	for _, want := range []bool{true, false} { // the second time it is gone
		if removed, err := election.Depose(t.Context(), client, dead); removed != want || err != nil {
			t.Fatalf("depose: %v, %v", removed, err)
		}
	}
	later := rival(t, client)
	if removed, err := election.Depose(t.Context(), client, dead); removed || err != nil {
		t.Errorf("depose: %v, %v", removed, err)
	}
	if found := line(t, client); len(found) != 1 || found[0].Token != later.Token {
		t.Errorf("the later key is gone: %v", found)
	}
}

// The raft leader may have died with the aggregators': what was sent to it is lost.
func TestDeposeOutlivesTheLossOfTheRaftLeader(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	dead := rival(t, c.Client())
	r := run(t, config(c.Client()))
	awaitLine(t, c.Client(), 2)
	c.Leader().Stop()
	if _, err := election.Depose(t.Context(), c.Client(), dead); err != nil {
		t.Fatal(err)
	}
	await(t, "leader", r.terms)
}

func TestDeposeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	dead := rival(t, c.Client())
	c.Members[0].Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if removed, err := election.Depose(ctx, c.Client(), dead); removed || err == nil {
		t.Errorf("depose: %v, %v", removed, err)
	}
}
