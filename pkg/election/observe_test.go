package election_test

import (
	"context"
	"sync"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/election"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

func TestObserversTellLeaderNoneAndUnknown(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	states := make(chan election.State, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var observing sync.WaitGroup
	observing.Go(func() { _ = election.Observe(ctx, c.Client(), name, func(s election.State) { states <- s }) })
	defer observing.Wait()
	defer cancel()
	until := func(what string, ok func(election.State) bool) election.State {
		t.Helper()
		for {
			if s := await(t, what, states); ok(s) {
				return s
			}
		}
	}
	none := func(s election.State) bool { _, some := s.Leader(); return s.Known && !some }
	some := func(s election.State) bool { _, some := s.Leader(); return s.Known && some }
	until("state without a leader", none)
	r := run(t, config(c.Client()))
	leader, _ := until("leader", some).Leader()
	if term := await(t, "term", r.terms); leader.Key != term.Key() || leader.Token != term.Token() || string(leader.Value) != "candidate" {
		t.Errorf("observed %+v, and %q leads with token %d", leader, term.Key(), term.Token())
	}
	c.Members[0].Stop()
	unknown := until("unknown state", func(s election.State) bool { return !s.Known && s.Reason != "" })
	if last, ok := unknown.Leader(); !ok || last.Token != leader.Token {
		t.Errorf("the last leader is forgotten: %+v", unknown)
	}
	c.Members[0].Start()
	until("leader after the member is back", some)
	r.stop()
	until("state without a leader", none)
}

// Whatever is under a candidate's key, its place counts.
func TestCandidatesAreInTheOrderOfTheirCreation(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	client := c.Client()
	first := rival(t, client)
	run(t, config(c.Client()))
	awaitLine(t, client, 2)
	if _, err := client.Put(t.Context(), first.Key, "\xff\x00{"); err != nil { // not created anew
		t.Fatal(err)
	}
	states := make(chan election.State, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var observing sync.WaitGroup
	observing.Go(func() { _ = election.Observe(ctx, client, name, func(s election.State) { states <- s }) })
	defer observing.Wait()
	defer cancel()
	s := await(t, "state", states)
	leader, _ := s.Leader()
	if len(s.Candidates) != 2 || leader.Token != first.Token || string(leader.Value) != "\xff\x00{" {
		t.Errorf("observed %+v", s)
	}
}
