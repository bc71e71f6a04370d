package bench

import (
	"crypto/rand"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/status"
)

// Config is the cluster to load, and who wants to know.
type Config struct {
	Source *status.Source
	// Processes are the ids of the members' processes by the members' names, where
	// they run on this machine.
	Processes map[string]int
	// Tell is told how the run goes on, about once a second. Optional.
	Tell func(Progress)
}

func (c *Config) tell(p Progress) {
	if c.Tell != nil {
		c.Tell(p)
	}
}

// Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	Starting  Phase = "starting"
	Measuring Phase = "measuring"
	Removing  Phase = "removing"
)

// Progress is how far a run has got.
type Progress struct {
	Phase Phase
	// Figure is what is measured, where a run measures one thing after the other.
	Figure string
	// Done of Total: agents while they start and stop, seconds while measuring.
	Done, Total int
	// Soon is what has been found so far, while agents are measured; else nil.
	Soon *model.BenchAgents
}

// newID makes an id of a run, fit for a host's name.
func newID() string { return strings.ToLower(rand.Text()[:6]) }
