package drill

import (
	"context"
	"errors"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestOfTwoDrillsTheSecondIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	first, err := takePermit(t.Context(), s.Client(), "the first")
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ := s.config()
	cfg.Holder = "the second"
	plan := Plan{Targets: []model.DrillTarget{model.DrillEtcd}, Method: model.DrillKill, Runs: 1}
	_, err = Run(t.Context(), cfg, plan)
	if _, ok := errors.AsType[*RefusedError](err); !ok || len(s.ended) > 0 {
		t.Errorf("the second: %v, ended %q", err, s.ended)
	}
	first.release(t.Context())
	if _, err = Run(t.Context(), cfg, plan); err != nil {
		t.Errorf("the second, after the first: %v", err)
	}
	if n := s.keysLeft(); n > 0 {
		t.Errorf("%d keys are left behind", n)
	}
}

// A laptop that was asleep may find that somebody else drills.
func TestADrillWhosePermitIsGoneEndsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	cfg, _ := s.config()
	cfg.Holder = "the first"
	cfg.Cluster = &hooked{stage: s, prepare: func(string) string {
		if _, err := s.Client().Delete(t.Context(), keys.DrillPermit()); err != nil {
			t.Error(err)
		}
		if _, err := s.Client().Put(t.Context(), keys.DrillPermit(), "the second"); err != nil {
			t.Error(err)
		}
		return ""
	}}
	_, err := Run(t.Context(), cfg, Plan{Targets: []model.DrillTarget{model.DrillEtcd}, Method: model.DrillKill, Runs: 1})
	if _, ok := errors.AsType[*RefusedError](err); !ok || len(s.ended) > 0 {
		t.Errorf("%v, ended %q", err, s.ended)
	}
}

// hooked is a stage on which something happens while an end is prepared.
type hooked struct {
	*stage
	prepare func(name string) (graceful string)
}

func (h *hooked) Prepare(_ context.Context, _ model.DrillTarget, name string, _ model.DrillMethod) (string, error) {
	return h.prepare(name), nil
}
