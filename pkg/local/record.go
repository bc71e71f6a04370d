package local

import (
	"slices"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// record is one process of the cluster, running or not.
type record struct {
	Name string            `json:"name"`
	Role model.ProcessRole `json:"role"`
	Host string            `json:"host,omitempty"` // the node that an agent reports
	// A member's ports on loopback, and an aggregator's.
	ClientPort int `json:"clientPort,omitempty"`
	PeerPort   int `json:"peerPort,omitempty"`
	HTTPPort   int `json:"httpPort,omitempty"`

	Run *run `json:"run,omitempty"` // the last one; nil if there was none
}

// run is one life of a process. PID, Boot and Start together are its identity.
type run struct {
	PID     int       `json:"pid"`
	Boot    string    `json:"boot"`  // of the machine
	Start   int64     `json:"start"` // by the kernel, in its own unit
	Started time.Time `json:"started"`
	LogFrom int64     `json:"logFrom"` // where in its log it began to write, in bytes
	// End is what a command did last to end it; nil if none did.
	End *ending `json:"end,omitempty"`
	// Pause is what a command did last to pause it; of no meaning while it runs.
	Pause *ending `json:"pause,omitempty"`
}

// ending tells how a command ended or paused a process.
type ending struct {
	Signal  Signal    `json:"signal"`
	Command string    `json:"command"`
	At      time.Time `json:"at"`
	// Temporary tells that the command meant to restore the process itself.
	Temporary bool `json:"temporary,omitempty"`
}

func (r *record) clientURL() string { return loopbackURL(r.ClientPort) }
func (r *record) peerURL() string   { return loopbackURL(r.PeerPort) }
func (r *record) httpURL() string   { return loopbackURL(r.HTTPPort) }

// endpoint is where clients reach the process; empty for an agent, which has none.
func (r *record) endpoint() string {
	switch r.Role {
	case model.ProcessMember:
		return r.clientURL()
	case model.ProcessAggregator:
		return r.httpURL()
	}
	return ""
}

// ports are those on which the process listens.
func (r *record) ports() []int {
	return slices.DeleteFunc([]int{r.ClientPort, r.PeerPort, r.HTTPPort}, func(port int) bool { return port == 0 })
}

func names(records []*record) []string {
	list := make([]string, len(records))
	for i, r := range records {
		list[i] = r.Name
	}
	return list
}

func without(records, drop []*record) []*record {
	return slices.DeleteFunc(slices.Clone(records), func(r *record) bool { return slices.Contains(drop, r) })
}

func intersect(records, with []*record) []*record {
	return slices.DeleteFunc(slices.Clone(records), func(r *record) bool { return !slices.Contains(with, r) })
}

// beyond returns the records after the first n.
func beyond(records []*record, n int) []*record { return records[min(n, len(records)):] }
