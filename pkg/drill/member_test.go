package drill

import (
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

var withPrefix = []clientv3.OpOption{clientv3.WithPrefix()}

func TestKillOfTheRaftLeaderLosesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.agents(2)
	cfg, news := s.config()
	d, err := Run(t.Context(), cfg, Plan{Targets: []model.DrillTarget{model.DrillEtcd}, Method: model.DrillKill, Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range news() {
		t.Logf("%T %+v", n, n)
	}
	for _, p := range d.Proof {
		t.Logf("%+v", p)
	}
	for _, p := range d.Gaps {
		t.Logf("%+v", p)
	}
	if n := s.keysLeft(); n > 0 {
		t.Errorf("%d keys are left behind", n)
	}
}
