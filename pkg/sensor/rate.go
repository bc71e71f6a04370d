package sensor

import (
	"context"
	"time"
)

// traffic is what one device has moved since it appeared, in bytes.
type traffic struct{ in, out uint64 }

// rate is a Sensor of two metrics in bytes per second, summed over devices.
type rate struct {
	in, out string // metrics
	read    func(context.Context) (map[string]traffic, error)

	last map[string]traffic // nil before the first reading
	at   time.Time          // of last
}

func (r *rate) Metrics() []string { return []string{r.in, r.out} }

func (r *rate) Forget() { r.last = nil }

func (r *rate) Read(ctx context.Context) (map[string]float64, error) {
	now, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	at := time.Now()
	last, elapsed := r.last, at.Sub(r.at).Seconds()
	r.last, r.at = now, at
	if last == nil || elapsed <= 0 {
		return nil, nil
	}
	d := moved(last, now)
	return map[string]float64{r.in: float64(d.in) / elapsed, r.out: float64(d.out) / elapsed}, nil
}

// moved sums what each device moved between two readings. A device that is new,
// gone, or whose counter went back (a wrap, or another device under the same
// name) counts 0: a rate too low once is better than one that never was.
func moved(last, now map[string]traffic) traffic {
	var sum traffic
	for device, n := range now {
		if l, ok := last[device]; ok {
			sum.in += gain(l.in, n.in)
			sum.out += gain(l.out, n.out)
		}
	}
	return sum
}

// gain is by how much a counter grew; 0 where it went back.
func gain[N uint64 | float64](last, now N) N {
	return max(now, last) - last
}
