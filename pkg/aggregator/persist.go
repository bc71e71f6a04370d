package aggregator

import (
	"context"
	"log/slog"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
)

// Attempts are short at first: what was sent to a raft leader that died is lost,
// and the sooner it is sent again, the sooner its successor has it. Then they are
// longer, and pauses too, for a store that is overloaded or full.
const (
	attemptMin = 500 * time.Millisecond
	attemptMax = 8 * time.Second
	pauseMin   = 25 * time.Millisecond
	pauseMax   = time.Second
)

// persist makes a call that may be repeated, until it succeeds, ctx ends or it
// fails for good.
func persist(ctx context.Context, log *slog.Logger, call func(context.Context) error) error {
	attempt, pause := attemptMin, pauseMin
	for {
		once, cancel := context.WithTimeout(ctx, attempt)
		err := call(once)
		cancel()
		if err == nil || ctx.Err() != nil || !passes(err) {
			return err
		}
		log.Warn("will try again", "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		attempt, pause = min(2*attempt, attemptMax), min(2*pause, pauseMax)
	}
}

// passes tells failures that pass from those that do not.
func passes(err error) bool {
	switch etcd.Classify(err) {
	case etcd.ClassUnreachable, etcd.ClassNoQuorum, etcd.ClassOverloaded:
		return true
	}
	return false
}
