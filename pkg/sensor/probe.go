package sensor

import (
	"context"
	"fmt"
	"time"
)

// probe runs one Sensor, and remembers a reading that never came back.
type probe struct {
	sensor  Sensor
	pending chan answer // of the reading in flight; nil when there is none
	since   time.Time   // when that began
}

type answer struct {
	values map[string]float64
	err    error
}

// start begins a reading, unless the one before still hangs: that is the error.
func (p *probe) start(ctx context.Context) error {
	if !p.idle() {
		return p.noAnswer()
	}
	pending := make(chan answer, 1) // nobody may wait for it any more
	p.pending, p.since = pending, time.Now()
	go func() { pending <- read(ctx, p.sensor) }()
	return nil
}

// finish waits for the reading that start began, until ctx ends.
func (p *probe) finish(ctx context.Context) (map[string]float64, error) {
	select {
	case a := <-p.pending: // also where ctx ended while another probe was waited for
		return p.take(a)
	default:
	}
	select {
	case a := <-p.pending:
		return p.take(a)
	case <-ctx.Done():
		return nil, p.noAnswer()
	}
}

func (p *probe) take(a answer) (map[string]float64, error) {
	p.pending = nil
	if a.err != nil {
		p.sensor.Forget()
	}
	return a.values, a.err
}

// skip makes the next reading a first one.
func (p *probe) skip() {
	if p.idle() {
		p.sensor.Forget()
	}
}

// idle reports whether no reading is in flight. One that came back after its
// sample is dropped: what it says is of another time.
func (p *probe) idle() bool {
	select {
	case <-p.pending:
		p.pending = nil
		p.sensor.Forget()
	default:
	}
	return p.pending == nil
}

func (p *probe) noAnswer() error {
	unit := time.Second
	d := time.Since(p.since)
	if d < unit {
		unit = time.Millisecond
	}
	return fmt.Errorf("no answer for %v", d.Round(unit))
}

// read turns a panic into an error: gopsutil's parsers take for granted that
// proc's files have the fields they index.
func read(ctx context.Context, s Sensor) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{err: fmt.Errorf("read %q: panic: %v", s.Metrics(), r)}
		}
	}()
	a.values, a.err = s.Read(ctx)
	return a
}
