//go:build !node

package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// localStage makes the local cluster ready for a drill, and first mends what an
// earlier one has left.
func (a *app) localStage(ctx context.Context, dir string, o *leaderKillOptions) (*stage, error) {
	cluster := local.Open(dir)
	d, err := cluster.Describe()
	if err != nil {
		return nil, err
	}
	s := &stage{
		Config: drill.Config{ElectionTimeout: d.Tuning.ElectionTimeout}, release: func() {},
		recovery: recovery{"runs again", fmt.Sprintf("hint: %s local up", a.program)},
	}
	if o.dryRun {
		return s, nil
	}
	held, err := cluster.Hold(ctx, leaderKillName+" "+o.name)
	if err != nil {
		return nil, err
	}
	s.release, s.Cluster = held.Release, localLeaders{held}
	if err := a.mend(ctx, held); err != nil {
		held.Release()
		return nil, err
	}
	return s, nil
}

// mend restores what a drill that was killed has left ended or paused.
func (a *app) mend(ctx context.Context, held *local.Held) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	mended, err := held.Mend(ctx)
	for _, p := range mended {
		a.say("%s was left %s (%s): it runs again", p.Name, strings.ToLower(string(p.State)), p.Reason)
	}
	return err
}

// localLeaders ends and restores processes of the local cluster.
type localLeaders struct{ held *local.Held }

func (localLeaders) Prepare(context.Context, model.DrillTarget, string, model.DrillMethod) (string, error) {
	return "", nil // its processes are at hand
}

func (l localLeaders) End(_ context.Context, name string, how model.DrillMethod) (time.Time, error) {
	sig, err := local.ParseSignal(string(how))
	if err != nil {
		return time.Time{}, err
	}
	return l.held.Signal(name, sig)
}

func (l localLeaders) Restore(ctx context.Context, name string) error {
	return l.held.Restore(ctx, name)
}

func (localLeaders) Delay(context.Context, model.DrillTarget, string) string { return "" }
