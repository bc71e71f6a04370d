package bench

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

// A store that is away for longer than a call may take ends no ramp-up.
func TestStartGoesOnWhenTheStoreIsBack(t *testing.T) {
	t.Parallel()
	c := testcluster.Start(t, 1)
	plan := AgentsPlan{Count: startsAtOnce + 1, Interval: time.Second}
	plan.Complete()
	f, err := newFleet(plan, newID(), configOf(c).Source.Etcd, newMeter(plan.Interval))
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	wentOn := false
	err = f.start(ctx, func(started int) {
		switch started {
		case 0:
			c.Members[0].Cut()
			time.AfterFunc(etcd.DefaultCallTimeout+configureAgain, c.Members[0].Mend)
		case configsPerTxn:
			wentOn = true
			cancel()
		}
	})
	if !wentOn || !errors.Is(err, context.Canceled) {
		t.Errorf("went on: %v, %v", wentOn, err)
	}
	over, now := context.WithCancel(t.Context())
	now()
	f.stop(over, f.members, func(int) {})
}

func TestSlowStartHoldsUpTheNextOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{starting: make(chan struct{}, 1)}
		for took, rest := range map[time.Duration]time.Duration{
			slowStart / 2:  0,
			2 * slowStart:  4 * slowStart,
			3 * slowStart:  9 * slowStart,
			90 * slowStart: longestStartRest,
		} {
			f.starting <- struct{}{}
			began := time.Now()
			f.freePlace(took)
			f.starting <- struct{}{} // the next one
			if waited := time.Since(began); waited != rest {
				t.Errorf("after a start of %v the next one waited %v, want %v", took, waited, rest)
			}
			<-f.starting
		}
	})
}
