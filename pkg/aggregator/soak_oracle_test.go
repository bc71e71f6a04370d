package aggregator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

// oracle tells what events must follow from the heartbeats' history. It is written
// from the description of the events, and shares no code with the aggregator.
type oracle struct {
	history []etcd.Change // of heartbeat keys, in order
	next    int           // the first of them that is not taken
	instead []etcd.Change // what is taken before that, where a gap replaces history
	nodes   map[string]*fortune
}

// fortune is what has become of a node.
type fortune struct {
	state     string // Alive, Dead or Left
	configRev int64
	problem   string
}

// expectation is an event that must be there.
type expectation struct {
	kind, host string
	revision   int64
}

func (e expectation) String() string { return fmt.Sprintf("%s %s @%d", e.kind, e.host, e.revision) }

// upTo takes the history up to a revision, and returns the events that must follow
// from it, at most until the first one where one is asked for.
func (o *oracle) upTo(revision int64, one bool) []expectation {
	var due []expectation
	for !one || len(due) == 0 {
		var c etcd.Change
		switch {
		case len(o.instead) > 0 && o.instead[0].Revision <= revision:
			c, o.instead = o.instead[0], o.instead[1:]
		case len(o.instead) == 0 && o.next < len(o.history) && o.history[o.next].Revision <= revision:
			c = o.history[o.next]
			o.next++
		default:
			return due
		}
		due = append(due, o.take(c)...)
	}
	return due
}

// skip replaces the history up to a revision by the difference between the nodes
// and the heartbeats that are there at it.
func (o *oracle) skip(to int64) {
	present := map[string]etcd.Change{}
	for i, c := range o.history {
		if c.Revision > to {
			break
		}
		o.next = max(o.next, i+1)
		if c.KV == nil {
			delete(present, c.Key)
		} else {
			present[c.Key] = c
		}
	}
	for host, n := range o.nodes {
		if _, ok := present[keys.Heartbeat(host)]; !ok && n.state == "Alive" {
			present[keys.Heartbeat(host)] = etcd.Change{Key: keys.Heartbeat(host)}
		}
	}
	o.instead = nil
	for _, key := range slices.Sorted(maps.Keys(present)) {
		c := present[key]
		c.Revision = to
		o.instead = append(o.instead, c)
	}
}

// take is the description of the events, word by word.
func (o *oracle) take(c etcd.Change) []expectation {
	host, err := keys.HeartbeatHost(c.Key)
	if err != nil {
		return nil
	}
	n := o.nodes[host]
	event := func(kind string) []expectation { return []expectation{{kind, host, c.Revision}} }
	if c.KV == nil {
		if n != nil && n.state == "Alive" {
			n.state = "Dead"
			return event("died")
		}
		return nil
	}
	var hb struct {
		Status      string  `json:"status"`
		TS          float64 `json:"ts"`
		ConfigRev   int64   `json:"config_rev"`
		ConfigError string  `json:"config_error"`
	}
	if json.Unmarshal(c.KV.Value, &hb) != nil || hb.TS <= 0 {
		return nil
	}
	switch {
	case hb.Status == "leaving" && n != nil && n.state != "Left":
		n.state = "Left"
		return event("left")
	case hb.Status != "alive":
		return nil
	case n == nil:
		o.nodes[host] = &fortune{"Alive", hb.ConfigRev, hb.ConfigError}
		return event("joined")
	}
	var told []expectation
	if n.state != "Alive" {
		n.state = "Alive"
		told = event("returned")
	}
	if hb.ConfigRev > n.configRev {
		told = append(told, event("applied")...)
	} else if hb.ConfigRev == n.configRev && hb.ConfigError != "" && hb.ConfigError != n.problem {
		told = append(told, event("rejected")...)
	}
	n.configRev, n.problem = hb.ConfigRev, hb.ConfigError
	return told
}
