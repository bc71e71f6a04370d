package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Problem is something that stands in a deploy's way, or that whoever deploys
// should know.
type Problem struct {
	Warning bool   // refuses nothing
	Reason  string // one line
	Hint    string // what to do about it
}

// PreflightError tells everything that stands in a deploy's way. Nothing was
// changed.
type PreflightError struct {
	Where    string
	Problems []Problem
}

func (e *PreflightError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "deploy to %s: nothing was changed, since", e.Where)
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  - %s", p.Reason)
		if p.Hint != "" {
			fmt.Fprintf(&b, "\n    %s", p.Hint)
		}
	}
	return b.String()
}

func refusals(problems []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return p.Warning })
}

// preflight makes all checks at once. An error is a check that could not be made.
func (d *Deployer) preflight(ctx context.Context, objects []Object, live live) ([]Problem, error) {
	checks := []func(context.Context) ([]Problem, error){
		func(ctx context.Context) ([]Problem, error) { return d.checkRights(ctx, objects) },
		d.checkServer,
		func(context.Context) ([]Problem, error) { return checkForeign(objects, live), nil },
		func(context.Context) ([]Problem, error) { return d.checkRunning(live) },
		func(ctx context.Context) ([]Problem, error) { return d.checkStorage(ctx, live) },
		func(ctx context.Context) ([]Problem, error) { return d.checkVolumes(ctx, live) },
		func(ctx context.Context) ([]Problem, error) { return d.checkNodes(ctx, live) },
		func(context.Context) ([]Problem, error) { return checkImage(d.EtcdImage), nil },
	}
	found := make([][]Problem, len(checks))
	group, ctx := errgroup.WithContext(ctx)
	for i, check := range checks {
		group.Go(func() (err error) {
			found[i], err = check(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

func problem(hint, format string, args ...any) Problem {
	return Problem{Reason: fmt.Sprintf(format, args...), Hint: hint}
}
