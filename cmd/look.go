package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// lookFlags are what the commands that look at a cluster have in common.
type lookFlags struct {
	out  outputFlags
	fail failOn
	live bool
}

func (f *lookFlags) add(c *cobra.Command, sortable bool) {
	f.out.add(c, sortable)
	f.fail.add(c)
	addWatch(c, &f.live)
}

// looked is what one look has found.
type looked struct {
	record  any
	errs    []string // of sources that the record has no place for
	verdict model.Verdict
	err     error // what is wrong besides, told after the record is shown
}

// look looks once and shows what it found, or goes on showing what w tells.
func (a *app) look(c *cobra.Command, f *lookFlags, w watched, once func(context.Context, *status.Source) looked) error {
	if err := firstOf(f.out.validate(), f.fail.validate()); err != nil {
		return err
	}
	s, err := a.source(c.Context())
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	if f.live {
		return a.watch(c.Context(), &f.out, s, w)
	}
	ctx, cancel := a.bounded(c.Context())
	defer cancel()
	found := once(ctx, s)
	if err := c.Context().Err(); err != nil {
		return err
	}
	if err := a.show(&f.out, found.record, found.errs); err != nil {
		return err
	}
	if found.verdict.AtLeast(model.Degraded) {
		a.hintLeftBehind(ctx)
	}
	return firstOf(found.err, f.fail.judge(found.verdict))
}
