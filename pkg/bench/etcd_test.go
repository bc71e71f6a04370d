package bench

import (
	"context"
	"errors"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

func TestEveryFigureOfEtcdIsMeasuredAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 3)
	client := c.Client()
	killed := keys.BenchKey("killed", 1)
	if _, err := client.Put(t.Context(), killed, "left by a run that was killed"); err != nil {
		t.Fatal(err)
	}
	r, err := Etcd(t.Context(), configOf(c), EtcdPlan{Duration: MinDuration, Clients: 4, ValueSize: 300, Rate: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != len(Figures()) || len(r.Errors) > 0 || r.Interrupted {
		t.Fatalf("record: %+v", r)
	}
	for i, f := range r.Figures {
		if f.Name != Figures()[i] || f.Latency.Count == 0 || f.Failed > 0 || f.Latency.P50 <= 0 || f.Rate > 2*r.RateLimit {
			t.Errorf("figure: %+v", f)
		}
	}
	checkNothingLeft(t, client, 0)
}

func TestInterruptedMeasurementOfEtcdTellsWhatItHasAndLeavesNothing(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg := configOf(c)
	cfg.Tell = func(p Progress) {
		if p.Figure == FigureRange {
			cancel()
		}
	}
	r, err := Etcd(ctx, cfg, EtcdPlan{Duration: MinDuration, Clients: 2, ValueSize: 10})
	if !errors.Is(err, context.Canceled) || r == nil || !r.Interrupted || len(r.Figures) < 2 || r.Figures[1].Name != FigureLeasedPut {
		t.Errorf("record %+v, error %v", r, err)
	}
	checkNothingLeft(t, c.Client(), 0)
}

func TestRunOfAnotherProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	client := c.Client()
	for _, key := range []string{keys.BenchRun("other"), keys.BenchKey("other", 1)} {
		if _, err := client.Put(t.Context(), key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Etcd(t.Context(), configOf(c), EtcdPlan{Duration: MinDuration, Clients: 1, ValueSize: 1}); err != nil {
		t.Fatal(err)
	}
	checkNothingLeft(t, client, 2)
}
