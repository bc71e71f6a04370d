//go:build !node

package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// stage is a cluster whose processes a drill may end.
type stage struct {
	source          *status.Source
	cluster         drill.Cluster
	electionTimeout time.Duration
	release         func()
}

func (s *stage) close() {
	s.release()
	s.source.Pool.Close()
}

// stage opens the target for a drill, and first mends what an earlier one has
// left. A drill that only looks changes nothing.
func (a *app) stage(ctx context.Context, command string, looks bool) (*stage, error) {
	t, err := a.target(ctx)
	if err != nil {
		return nil, err
	}
	if t.Local == "" {
		return nil, usageError("leader-kill needs a cluster whose processes it may kill, the local one or one in Kubernetes; of %s it knows the addresses only", t.Name)
	}
	s := &stage{release: func() {}}
	cluster := local.Open(t.Local)
	d, err := cluster.Describe()
	if err != nil {
		return nil, err
	}
	s.electionTimeout = d.Tuning.ElectionTimeout
	if !looks {
		held, err := cluster.Hold(ctx, command)
		if err != nil {
			return nil, err
		}
		s.release, s.cluster = held.Release, localStage{held}
		if err := a.mend(ctx, held); err != nil {
			held.Release()
			return nil, err
		}
	}
	if s.source, err = a.source(ctx); err != nil {
		s.release()
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

// localStage ends and restores processes of the local cluster.
type localStage struct{ held *local.Held }

func (l localStage) End(_ context.Context, name string, how model.DrillMethod) (time.Time, error) {
	sig, err := local.ParseSignal(string(how))
	if err != nil {
		return time.Time{}, err
	}
	return l.held.Signal(name, sig)
}

func (l localStage) Restore(ctx context.Context, name string) error { return l.held.Restore(ctx, name) }
