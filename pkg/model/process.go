package model

import "time"

// ProcessState is what became of a process of the local cluster.
type ProcessState string

// The states of a process.
const (
	ProcessRunning ProcessState = "Running"
	ProcessPaused  ProcessState = "Paused"  // stopped by SIGSTOP
	ProcessStopped ProcessState = "Stopped" // ended on request
	ProcessDead    ProcessState = "Dead"    // ended by itself, by a kill or with the machine
)

// ProcessRole is what a process of the local cluster does.
type ProcessRole string

// The roles of a process.
const (
	ProcessMember     ProcessRole = "member"
	ProcessAgent      ProcessRole = "agent"
	ProcessAggregator ProcessRole = "aggregator"
)

// Process is one process of the local cluster.
type Process struct {
	Name   string       `json:"name"`
	Role   ProcessRole  `json:"role"`
	State  ProcessState `json:"state"`
	Reason string       `json:"reason,omitempty"`
	PID    int          `json:"pid,omitempty"` // 0 where it does not run
	// Host is the node that an agent reports, Endpoint a member's client URL or an
	// aggregator's HTTP URL.
	Host     string     `json:"host,omitempty"`
	Endpoint string     `json:"endpoint,omitempty"`
	Started  *time.Time `json:"started,omitempty"`
	Log      string     `json:"log"` // path
}

// ProcessList is what `local status` shows.
type ProcessList struct {
	TypeMeta `json:",inline"`
	Dir      string    `json:"dir"` // the state directory
	Items    []Process `json:"items"`
}
