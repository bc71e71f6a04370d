package sensor

import (
	"context"
	"errors"
	"maps"
	"math"
	"time"
)

// DefaultDeadline is how long a Sample waits for a sensor that does not answer.
const DefaultDeadline = 500 * time.Millisecond

// DefaultMinWindow is the shortest time that a rate is taken over: a clock tick
// of the kernel's cpu accounting is a fifth of it. A metric that is asked for
// again sooner, as after a change of the configuration, keeps its value.
const DefaultMinWindow = 50 * time.Millisecond

// Set samples the metrics of one host. It is not safe for concurrent use: one goroutine
// samples, at whatever pace; the sensors run beside each other.
type Set struct {
	deadline  time.Duration
	minWindow time.Duration
	sensors   []Sensor
	probes    map[string]*probe // by metric

	last map[string]float64 // the values of the last sample that read sensors
	at   time.Time          // of it
}

// Option changes how a Set samples.
type Option func(*Set)

// WithDeadline replaces DefaultDeadline.
func WithDeadline(d time.Duration) Option { return func(s *Set) { s.deadline = d } }

// WithMinWindow replaces DefaultMinWindow.
func WithMinWindow(d time.Duration) Option { return func(s *Set) { s.minWindow = d } }

// WithSensors replaces the sensors of this machine.
func WithSensors(sensors ...Sensor) Option { return func(s *Set) { s.sensors = sensors } }

// NewSet returns a Set of this machine's sensors.
func NewSet(opts ...Option) *Set {
	s := &Set{deadline: DefaultDeadline, minWindow: DefaultMinWindow, sensors: host(), probes: make(map[string]*probe)}
	for _, opt := range opts {
		opt(s)
	}
	for _, sensor := range s.sensors {
		p := &probe{sensor: sensor}
		for _, metric := range sensor.Metrics() {
			s.probes[metric] = p
		}
	}
	return s
}

// Reading is one sample, by the names of the metrics. A metric that was asked
// for is in one of the maps, or in neither where it takes two samples and this
// is the first. Neither map is nil.
type Reading struct {
	Metrics map[string]float64 // in the unit that model.Metrics gives
	Errors  map[string]string  // why a metric is absent
}

// Sample reads the sensors that the named metrics need, all at once, and
// returns when each has answered, when the deadline is over, or when ctx ends.
// A sensor that has not answered by then is left to itself: the samples to come
// name it in Errors, and neither wait for it nor start it again until it is back.
//
// CPU and rates are over the time since the sample before. Where that did not
// read the same sensor (not asked for, failed, hung) there is no value: the next
// sample has one again.
func (s *Set) Sample(ctx context.Context, metrics []string) Reading {
	r := Reading{Metrics: make(map[string]float64, len(metrics)), Errors: make(map[string]string)}
	asked := make(map[*probe][]string)
	kept := make(map[*probe]bool)
	soon := time.Since(s.at) < s.minWindow
	for _, metric := range metrics {
		p, known := s.probes[metric]
		v, fresh := s.last[metric]
		switch {
		case !known:
			r.Errors[metric] = "unknown metric"
		case soon && fresh:
			r.Metrics[metric] = v
			kept[p] = true
		default:
			asked[p] = append(asked[p], metric)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	for _, p := range s.probes {
		if asked[p] == nil && !kept[p] {
			p.skip()
		}
	}
	for p, metrics := range asked {
		if err := p.start(ctx); err != nil {
			r.fail(metrics, err)
			delete(asked, p)
		}
	}
	for p, metrics := range asked {
		values, err := p.finish(ctx)
		if err != nil {
			r.fail(metrics, err)
			continue
		}
		r.add(metrics, values)
	}
	if !soon {
		s.last, s.at = maps.Clone(r.Metrics), time.Now()
	}
	return r
}

func (r *Reading) add(metrics []string, values map[string]float64) {
	for _, metric := range metrics {
		v, ok := values[metric]
		switch {
		case !ok:
		case math.IsNaN(v) || math.IsInf(v, 0): // JSON has no such number
			r.fail([]string{metric}, errors.New("not a finite number"))
		default:
			r.Metrics[metric] = v
		}
	}
}

func (r *Reading) fail(metrics []string, err error) {
	for _, metric := range metrics {
		r.Errors[metric] = err.Error()
	}
}
