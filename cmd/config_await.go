package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/configpush"
)

// await tells what becomes of a push at each host.
func (a *app) await(ctx context.Context, tracker *configpush.Tracker, result *configpush.Result, begin time.Time) error {
	rejected := 0
	pending, err := tracker.Wait(ctx, result, begin, func(d configpush.Delivery) {
		switch d.State {
		case configpush.Applied:
			fmt.Fprintf(a.Out, "node/%s applied after %d ms\n", d.Host, d.After.Milliseconds())
			if d.Reason != "" {
				a.warn("node %s: %s", d.Host, d.Reason)
			}
		case configpush.Rejected:
			rejected++
			a.warn("node %s has rejected it: %s", d.Host, d.Reason)
		default:
			a.say("node %s: %s", d.Host, d.Reason)
		}
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &exitError{
			code: exitTimeout,
			err:  fmt.Errorf("wait for agents: written, but %s did not apply it within %v", list(pending), a.global.timeout),
			hint: "nodes " + strings.Join(pending, " "),
		}
	case err != nil:
		return err
	case rejected > 0:
		return &exitError{code: exitFailure, err: fmt.Errorf("%d agents rejected the config", rejected)}
	}
	return nil
}
