package bench

import (
	"errors"
	"time"
)

// Limits of an EtcdPlan.
const (
	MaxClients   = 10_000
	MaxValueSize = 1 << 20 // bytes; a server takes requests of up to 1.5 MiB
)

// EtcdPlan says how to measure etcd alone.
type EtcdPlan struct {
	Duration  time.Duration // of each figure
	Clients   int           // callers, each with one call in flight
	Conns     int           // clients that they share; each is connected to every member
	ValueSize int           // bytes
	Rate      float64       // calls per second of all callers; 0 is as many as go
}

// Complete fills in what is not said.
func (p *EtcdPlan) Complete() {
	if p.Conns == 0 {
		p.Conns = min(p.Clients, defaultConns)
	}
}

// Check reports every value that is out of bounds.
func (p *EtcdPlan) Check() error {
	var problems []error
	if p.Duration < MinDuration || p.Duration > MaxDuration {
		problems = append(problems, invalid("--duration must be %v to %v, not %v", MinDuration, MaxDuration, p.Duration))
	}
	if p.Clients < 1 || p.Clients > MaxClients {
		problems = append(problems, invalid("--clients must be 1 to %d, not %d", MaxClients, p.Clients))
	}
	if p.Conns < 0 || p.Conns > max(p.Clients, 0) {
		problems = append(problems, invalid("--conns must be 1 to %d, at most one for each of the clients, not %d", p.Clients, p.Conns))
	}
	if p.ValueSize < 1 || p.ValueSize > MaxValueSize {
		problems = append(problems, invalid("--value-size must be 1 to %d bytes, not %d", MaxValueSize, p.ValueSize))
	}
	if p.Rate < 0 {
		problems = append(problems, invalid("--rate must be 0 (no limit) or more, not %g", p.Rate))
	}
	return errors.Join(problems...)
}
