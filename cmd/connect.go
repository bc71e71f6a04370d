package cmd

import (
	"context"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/members"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/target"
)

// target finds the cluster that the command is to talk to.
func (a *app) target(ctx context.Context) (*target.Target, error) {
	stateDir, err := target.DefaultStateDir()
	if err != nil {
		return nil, err
	}
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	g := &a.global
	t, err := target.Resolve(ctx, target.Options{
		Endpoints: g.endpoints, Discovery: g.discovery, CACert: g.cacert, Cert: g.cert, Key: g.key, Local: g.local, StateDir: stateDir,
		InKubernetes: a.kubernetes.typed() || a.kubernetes.chosen() && !g.local && len(g.endpoints) == 0 && g.discovery == "", Kubernetes: a.kubernetes.connect,
	})
	if err != nil {
		return nil, err
	}
	if g.verbose {
		t.Etcd.Trace = a.trace
	}
	return t, nil
}

// source opens the target for looking. Its pool is to be closed.
func (a *app) source(ctx context.Context) (*status.Source, error) {
	t, err := a.target(ctx)
	if err != nil {
		return nil, err
	}
	pool, err := etcd.NewPool(t.Etcd)
	if err != nil {
		return nil, err
	}
	s := &status.Source{Name: t.Name, Etcd: t.Etcd, Pool: pool, Hosts: t.Hosts, Aggregators: t.Aggregators, Facts: t.Kubernetes, Now: a.now}
	for _, m := range t.Members {
		s.Members = append(s.Members, members.Known(m))
	}
	if t.Advertised {
		s.Dial = func(endpoints []string) (*etcd.Pool, error) {
			cfg := t.Etcd
			cfg.Endpoints = endpoints
			return etcd.NewPool(cfg)
		}
	}
	return s, nil
}

// trace tells of a call on standard error.
func (a *app) trace(c etcd.Call) {
	what := "call"
	if c.Stream {
		what = "open"
	}
	result := "ok"
	if c.Err != nil {
		result = etcd.Reason(c.Err)
	}
	where := c.Endpoint
	if where == "" {
		where = "-"
	}
	a.say("%s %s at %s: %s after %.1f ms", what, c.Method, where, result, float64(c.Took.Microseconds())/1000)
}
