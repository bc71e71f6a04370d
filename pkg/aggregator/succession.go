package aggregator

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// succession tells why a leader follows another one, and for how long nobody led.
// orphaned says whether the lease of the leader before still lives.
func succession(before *model.Summary, f fate, orphaned bool, now time.Time) (cause model.Cause, without *float64) {
	var since time.Time
	switch {
	case before == nil:
		return model.CauseFirst, nil
	case before.Resigned:
		cause, since = model.CauseResigned, f.gone
	case !f.died.IsZero():
		cause, since = model.CauseDied, f.died
	case orphaned:
		cause, since = model.CauseDeposed, f.gone
	default:
		// A lease ends some time after its owner: only the lifeline tells when.
		cause, since = model.CauseExpired, f.heard
	}
	if since.IsZero() {
		return cause, nil
	}
	seconds := now.Sub(since).Seconds()
	return cause, &seconds
}
