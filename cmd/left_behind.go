package cmd

import (
	"context"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/local"
)

// hintLeftBehind tells, of the local cluster, that a leader-kill was killed before
// it could restore what it had ended, and what to do about it.
func (a *app) hintLeftBehind(ctx context.Context) {
	t, err := a.target(ctx)
	if err != nil || t.Local == "" {
		return
	}
	left, err := local.Open(t.Local).LeftBehind(ctx)
	if err != nil {
		return // what is to be shown is shown
	}
	for _, p := range left {
		a.say("%s is %s: %s, which was cut short; hint: %s local up", p.Name, strings.ToLower(string(p.State)), p.Reason, a.program)
	}
}
