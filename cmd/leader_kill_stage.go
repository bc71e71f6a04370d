//go:build !node

package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/drill"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/kube"
)

// stage is a cluster whose leaders a drill may end.
type stage struct {
	drill.Config
	recovery
	asks    bool // before it ends any
	release func()
}

// recovery says what becomes of a leader when a drill is cut short.
type recovery struct {
	mended   string // of one that was restored: "runs again"
	unmended string // what happens then, or what to do, where that has failed
}

func (s *stage) close() {
	s.release()
	s.Source.Pool.Close()
}

// stage opens the target for a drill. One that only looks changes nothing.
func (a *app) stage(ctx context.Context, o *leaderKillOptions) (*stage, error) {
	t, err := a.target(ctx)
	if err != nil {
		return nil, err
	}
	var s *stage
	cluster, inKubernetes := t.Kubernetes.(*kube.Cluster)
	switch {
	case inKubernetes:
		s, err = a.kubeStage(ctx, cluster, o)
	case t.Local != "":
		s, err = a.localStage(ctx, t.Local, o)
	default:
		return nil, usageError("leader-kill needs a cluster whose processes it may kill, the local one or one in Kubernetes; of %s it knows the addresses only", t.Name)
	}
	if err != nil {
		return nil, err
	}
	if s.Source, err = a.source(ctx); err != nil {
		s.release()
		return nil, err
	}
	s.Source.Facts = nil // a drill looks often, and at what etcd knows
	return s, nil
}

// agreeToDrill asks before leaders are ended, and shows what the members can bear.
// What Run would refuse it refuses first.
func (a *app) agreeToDrill(ctx context.Context, cfg drill.Config, plan drill.Plan) error {
	budget := ""
	cfg.Tell = func(news drill.News) {
		if s, ok := news.(drill.Standing); ok {
			budget = fmt.Sprintf(" (%d of %d healthy, may lose %d)", s.Quorum.Up, s.Quorum.Voters, s.Quorum.MayLose)
		}
	}
	if err := drill.Rehearse(ctx, cfg, plan); err != nil {
		return err
	}
	whose := make([]string, len(plan.Targets))
	for i, target := range plan.Targets {
		whose[i] = targetWords[target]
	}
	times := ""
	if plan.Runs > 1 {
		times = fmt.Sprintf(", %d times", plan.Runs)
	}
	question := fmt.Sprintf("End %s of %s%s%s?", strings.Join(whose, ", then "), cfg.Source.Name, times, budget)
	err := a.confirm(ctx, question, true, a.typed()+" --yes")
	if no, ok := errors.AsType[*exitError](err); ok && no.hint != "" {
		return &exitError{code: no.code, err: fmt.Errorf("%s %w", question, no.err), hint: no.hint}
	}
	return err
}
