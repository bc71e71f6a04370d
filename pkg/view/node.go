package view

import (
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// node is all that is known of one node.
type node struct {
	badName   error
	heartbeat *heartbeat // what its key holds; nil if there is none
	last      *heartbeat // what it held before it was deleted
	config    config
	roster    *roster // nil if it is not in the roster
	expected  bool    // by the target
}

type heartbeat struct {
	*model.Heartbeat       // nil if what the key holds is none
	err              error // why
	revision         int64 // mod revision
	leased           bool
	seen             time.Time // when the observer saw it
	heard            time.Time // the same by the clock of View.heard
	live             bool      // seen as it was put, not found in a list
}

// config is a stored config, of a host or the default one.
type config struct {
	*model.Config       // nil if there is none, or none that can be used
	revision      int64 // mod revision, also of a deletion
	exists        bool
}

// clockTolerance is how far ahead of ours a node's clock may be before it is said.
const clockTolerance = 2 * time.Second

// row is what is shown of a node.
func (n *node) row(name string, at *moment) model.Node {
	row := model.Node{Name: name, WantedRevision: max(n.config.revision, at.def.revision)}
	hb := n.heartbeat
	if hb == nil {
		hb = n.last
	}
	if hb != nil && hb.Heartbeat != nil {
		n.describe(&row, hb, at.now)
	}
	row.State, row.Reason = n.state(name, at)
	n.remember(&row)
	if row.State == model.NodeAlive && row.ConfigError != "" {
		row.Reason = row.ConfigError
	}
	if at.lost != nil {
		row.LastState, row.State, row.Reason = row.State, model.NodeUnknown, at.lost.reason
	}
	return row
}

func (n *node) describe(row *model.Node, hb *heartbeat, now time.Time) {
	at := hb.Time().UTC()
	age := max(0, hb.age(now)).Seconds()
	row.Age, row.LastHeartbeat = &age, &at
	row.Owner, row.Version = hb.Owner, hb.Version
	row.Interval, row.TTL = hb.Interval, hb.TTL
	row.ConfigRevision, row.ConfigError = hb.ConfigRev, hb.ConfigError
	row.ConfigRejected = hb.ConfigError != "" && hb.ConfigRev < row.WantedRevision
	if n.heartbeat != nil {
		row.Metrics, row.Errors = hb.Metrics, hb.Errors
	}
}

// age is the time since the heartbeat: by the observer's own clock if it saw it
// being put, else by the agent's clock, for want of anything better.
func (hb *heartbeat) age(now time.Time) time.Duration {
	if hb.live {
		return now.Sub(hb.seen)
	}
	return now.Sub(hb.Time())
}

// state decides on a node's state and says why, where it is not plainly alive.
func (n *node) state(name string, at *moment) (model.NodeState, string) {
	hb := n.heartbeat
	switch {
	case n.badName != nil:
		return model.NodeInvalid, n.badName.Error()
	case hb == nil:
		return n.absent(name, at)
	case hb.Heartbeat == nil:
		return model.NodeInvalid, "not a heartbeat: " + hb.err.Error()
	case hb.Status == model.StatusLeaving:
		return model.NodeLeft, "leaving"
	}
	return n.freshness(hb, at)
}

// freshness tells Alive from Stale.
func (n *node) freshness(hb *heartbeat, at *moment) (model.NodeState, string) {
	silence, promised := hb.Promised()
	if !promised {
		interval := model.Effective(n.config.Config, at.def.Config).Interval
		silence = time.Duration(float64(interval) * model.SilenceFactor)
	}
	// What the observer has seen for itself needs nobody's clock.
	watched := at.heard.Sub(hb.heard)
	if watched > silence {
		return model.NodeStale, fmt.Sprintf("no heartbeat for %v, promised every %v", round(watched), round(silence))
	}
	if hb.live {
		return model.NodeAlive, ""
	}
	age := hb.seen.Sub(hb.Time()) + watched
	switch {
	case age < -clockTolerance:
		return model.NodeAlive, fmt.Sprintf("its clock is %v ahead", round(-age))
	case age <= silence:
		return model.NodeAlive, ""
	case !promised && hb.leased:
		// A foreign agent's clock and rhythm are not known, but its lease lives.
		return model.NodeAlive, fmt.Sprintf("its clock says that the heartbeat is %v old; its lease is alive", round(age))
	}
	return model.NodeStale, fmt.Sprintf("no heartbeat for %v by the node's clock, promised every %v", round(age), round(silence))
}

func round(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d < time.Hour:
		return d.Round(time.Second)
	}
	return d.Round(time.Minute)
}
