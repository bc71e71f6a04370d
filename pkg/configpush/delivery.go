package configpush

import (
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Delivery is what became of a push at one host.
type Delivery struct {
	Host   string
	State  DeliveryState
	Reason string
	After  time.Duration // from the push's start until Applied was seen; else 0
}

// DeliveryState is how far a push came at one host.
type DeliveryState string

// The states of a delivery.
const (
	Applied  DeliveryState = "applied"
	Rejected DeliveryState = "rejected" // the agent says why
	Absent   DeliveryState = "absent"   // no agent reports the host
	Opaque   DeliveryState = "opaque"   // the agent does not say which config it has applied
	Pending  DeliveryState = "pending"
)

// beat is a host's newest heartbeat, and since when it has told the same of its
// config.
type beat struct {
	*model.Heartbeat
	revision, prior int64 // mod revisions, of this heartbeat and the one before
	since           int64 // mod revision of the first that told the same
	seen            time.Time
}

// next is the beat after b, which is empty for the first one.
func (b beat) next(hb *model.Heartbeat, revision int64, now time.Time) beat {
	n := beat{hb, revision, b.revision, revision, now}
	if b.Heartbeat != nil && b.Boot == hb.Boot && b.ConfigRev == hb.ConfigRev && b.ConfigError == hb.ConfigError {
		n.since, n.seen = b.since, b.seen
	}
	return n
}

// delivery tells what became of a push that began at start and was written at
// revision.
func (b beat) delivery(host string, revision int64, start time.Time) Delivery {
	switch {
	case b.Boot == "":
		return Delivery{Host: host, State: Opaque, Reason: "this agent does not say which config it has applied"}
	case b.ConfigRev >= revision:
		return Delivery{Host: host, State: Applied, Reason: b.ConfigError, After: b.seen.Sub(start)}
	// A heartbeat may have been on its way when the push was made: an error that
	// it tells as those before it did is believed when the next one tells it too.
	case b.ConfigError != "" && (b.since > revision || b.prior > revision):
		return Delivery{Host: host, State: Rejected, Reason: b.ConfigError}
	}
	return Delivery{Host: host, State: Pending}
}
