package drill

import (
	"context"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Cluster ends and restores the processes of a cluster. Names are those of etcd
// members and of aggregators. An implementation remembers what it has ended, so
// that a drill that dies itself can be made good later.
type Cluster interface {
	// Prepare makes ready what End needs, so that this is not measured. Where the
	// leader cannot get its signal and can only be asked to end, graceful says why.
	Prepare(ctx context.Context, target model.DrillTarget, name string, how model.DrillMethod) (graceful string, err error)
	// End sends a leader the signal of a method and returns the moment at which it
	// was sent. It does not wait for the effect.
	End(ctx context.Context, name string, how model.DrillMethod) (time.Time, error)
	// Restore undoes End: it starts the process again once it has ended, or lets
	// it go on. It does not wait until the process is of use.
	Restore(ctx context.Context, name string) error
	// Delay tells why what was ended does not run again yet; empty if nothing is
	// known that keeps it.
	Delay(ctx context.Context, target model.DrillTarget, name string) string
}

// RefusedError tells that a drill would do harm, and why.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }
