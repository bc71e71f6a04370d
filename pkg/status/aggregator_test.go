package status_test

import (
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// Where aggregators are deployed one has to lead; where none are, nobody asks.
func TestDeployedAggregatorsNeedALeader(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	s := sourceOf(c)
	live := runLive(t, c)
	check := func(what string, leadership model.Leadership, verdict model.Verdict, leader string, standbys int) {
		t.Helper()
		st := status.Gather(t.Context(), s)
		a := st.Aggregator
		if a.State != leadership || st.Verdict != verdict || len(a.Standbys) != standbys || (a.Leader == nil) != (leader == "") || a.Leader != nil && a.Leader.Name != leader {
			t.Errorf("%s: %+v (leader %+v), %s %v", what, a, a.Leader, st.Verdict, st.Reasons)
		}
		if l, v := status.Leader(t.Context(), s); l.Aggregator.State != leadership || v != verdict {
			t.Errorf("%s: leader says %s, %s", what, l.Aggregator.State, v)
		}
		if len(s.Aggregators) == 0 {
			liveUntil(t, live, what, func() bool { return live.Aggregator().State == leadership && live.Status().Verdict == verdict })
		}
	}
	key := func(lease string) string { return keys.Candidates(keys.AggregatorElection) + lease }
	client := c.Client()

	check("nothing there", model.NotDeployed, model.Healthy, "", 0)
	s.Aggregators = []string{"aggregator-1"}
	check("the target names one", model.LeaderNone, model.Degraded, "", 0)
	s.Aggregators = nil
	put(t, client, map[string]string{key("1"): `{"name":"one","instance":"a"}`})
	put(t, client, map[string]string{key("0"): `{"name":"two","instance":"b"}`})
	check("two candidates", model.Leads, model.Healthy, "one", 1)
	put(t, client, map[string]string{keys.Summary(): `{"term":3}`})
	if _, err := client.Delete(t.Context(), key("1")); err != nil {
		t.Fatal(err)
	}
	check("one is left", model.Leads, model.Healthy, "two", 0)
	put(t, client, map[string]string{key("0"): "\x1b[2J"})
	check("what is no candidate leads all the same", model.Leads, model.Healthy, "0", 0)
	if _, err := client.Delete(t.Context(), key("0")); err != nil {
		t.Fatal(err)
	}
	check("the last leader is gone", model.LeaderNone, model.Degraded, "", 0)
	put(t, client, map[string]string{keys.Summary(): `{"term":3,"resigned":true}`})
	check("the last leader stopped in good order", model.NotDeployed, model.Healthy, "", 0)
	put(t, client, map[string]string{keys.Summary(): "\x1b[2J"})
	check("what is no summary does not say so", model.LeaderNone, model.Degraded, "", 0)
}

// The term is the leader's own, not that of the one before.
func TestTermIsThatOfTheLeaderWhoWroteIt(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	client := c.Client()
	resp, err := client.Put(t.Context(), keys.Candidates(keys.AggregatorElection)+"1", `{"name":"one","instance":"a"}`)
	if err != nil {
		t.Fatal(err)
	}
	token := resp.Header.Revision
	for _, test := range []struct {
		summary model.Summary
		term    int64
	}{
		{model.Summary{Term: 4, Token: token - 1}, 0},
		{model.Summary{Term: 5, Token: token}, 5},
	} {
		value, err := test.summary.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		put(t, client, map[string]string{keys.Summary(): string(value)})
		l, _ := status.Leader(t.Context(), sourceOf(c))
		if l.Aggregator.Term != test.term || l.Aggregator.Token != token || (l.Aggregator.Since != nil) != (test.term != 0) {
			t.Errorf("with summary %+v: %+v", test.summary, l.Aggregator)
		}
	}
}
