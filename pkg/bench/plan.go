package bench

import (
	"errors"
	"fmt"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// InvalidError tells that a plan cannot be carried out as it is.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidError{fmt.Sprintf(format, args...)}
}

// Limits of a plan.
const (
	MaxAgents   = 99_999 // as many as the hosts' names have numbers for
	MaxDuration = 24 * time.Hour
	MinDuration = time.Second
)

// AgentsPlan says what load to make.
type AgentsPlan struct {
	Count    int
	Interval time.Duration // between the heartbeats of one agent
	TTL      time.Duration // of an agent's lease, in whole seconds
	Duration time.Duration // that is measured, after the ramp-up
	Conns    int           // clients that the agents share; each is connected to every member
	Seed     uint64        // of the invented samples
}

// defaultConns is how many clients are shared, unless it is said: one for each agent
// would be as in life, and more connections than one process should have.
const defaultConns = 20

// Complete fills in what is not said.
func (p *AgentsPlan) Complete() {
	if p.TTL == 0 {
		p.TTL = model.BuiltIn().TTL
	}
	if p.Conns == 0 {
		p.Conns = min(p.Count, defaultConns)
	}
}

// Check reports every value that is out of bounds.
func (p *AgentsPlan) Check() error {
	var problems []error
	if p.Count < 1 || p.Count > MaxAgents {
		problems = append(problems, invalid("--count must be 1 to %d, not %d", MaxAgents, p.Count))
	}
	if s := p.Interval.Seconds(); s < model.MinInterval || s > model.MaxInterval {
		problems = append(problems, invalid("--interval must be %gs to %gs, not %v", model.MinInterval, float64(model.MaxInterval), p.Interval))
	}
	if s := p.TTL.Seconds(); p.TTL != 0 && (s < model.MinTTL || s > model.MaxTTL || p.TTL%time.Second != 0) {
		problems = append(problems, invalid("--ttl must be %ds to %ds in whole seconds, not %v", model.MinTTL, model.MaxTTL, p.TTL))
	}
	if p.Duration < MinDuration || p.Duration > MaxDuration {
		problems = append(problems, invalid("--duration must be %v to %v, not %v", MinDuration, MaxDuration, p.Duration))
	}
	if p.Conns < 0 || p.Conns > max(p.Count, 0) {
		problems = append(problems, invalid("--conns must be 1 to %d, at most one for each of the agents, not %d", p.Count, p.Conns))
	}
	return errors.Join(problems...)
}

// Rate is the heartbeats per second that the plan asks for.
func (p *AgentsPlan) Rate() float64 { return float64(p.Count) / p.Interval.Seconds() }

// startRate is how many agents start per second. Each takes a lease, a config and
// three watches, which is more than its heartbeats will.
const startRate = 500

// RampUp is how long it takes to start the agents.
func (p *AgentsPlan) RampUp() time.Duration {
	return time.Duration(p.Count) * time.Second / startRate
}

const (
	// storedSize is what one heartbeat takes in a member's database: some 450 bytes,
	// the key, and what its pages leave empty.
	storedSize = 700
	// kept is how long a store keeps what was written over: the periodic compaction
	// of 5 minutes keeps up to twice that.
	kept = 10 * time.Minute
)

// room refuses a plan that would fill a database, of which members tell.
func (p *AgentsPlan) room(list []model.Member) error {
	needed := int64(p.Rate() * min(p.RampUp()+p.Duration, kept).Seconds() * storedSize)
	for _, m := range list {
		if m.DBSizeQuota == nil || m.DBSizeInUse == nil || *m.DBSizeQuota <= 0 {
			continue
		}
		if free := *m.DBSizeQuota - *m.DBSizeInUse; needed > free {
			return invalid("%.0f heartbeats/s for %v would store some %d MiB, and the quota of %s leaves %d MiB: take fewer agents, a longer --interval or a shorter --duration",
				p.Rate(), p.Duration, needed>>20, m.Name, free>>20)
		}
	}
	return nil
}
