package drill

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// To prepare may take seconds, in which another leader may be elected.
func TestWhoLeadsOnceAllIsReadyIsEnded(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	var prepared []string
	cfg, _ := s.config()
	cfg.Cluster = &hooked{stage: s, prepare: func(name string) string {
		prepared = append(prepared, name)
		if len(prepared) == 1 {
			old := s.member(name)
			old.Stop()
			s.Leader()
			old.Start()
		}
		return ""
	}}
	d, err := Run(t.Context(), cfg, Plan{Targets: []model.DrillTarget{model.DrillEtcd}, Method: model.DrillKill, Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(prepared) < 2 || !slices.Equal(s.ended, prepared[len(prepared)-1:]) || d.Runs[0].Name != s.ended[0] {
		t.Errorf("prepared %q, ended %q, told of %q", prepared, s.ended, d.Runs[0].Name)
	}
}

func TestAGracefulRunIsToldAsOne(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	cfg, _ := s.config()
	cfg.Cluster = &hooked{stage: s, prepare: func(string) string { return "not allowed" }}
	d, err := Run(t.Context(), cfg, Plan{Targets: []model.DrillTarget{model.DrillEtcd}, Method: model.DrillKill, Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	run := d.Runs[0]
	i := slices.IndexFunc(run.Timeline, func(m model.DrillMark) bool { return m.Event == model.MarkSignal })
	if run.Graceful != "not allowed" || i < 0 || strings.Contains(run.Timeline[i].Detail, "SIG") {
		t.Errorf("graceful %q, timeline %+v", run.Graceful, run.Timeline)
	}
}
