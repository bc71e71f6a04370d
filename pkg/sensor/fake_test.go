package sensor_test

import "context"

// fake is a sensor of one metric. Its value is 1 in a first reading, and 2 in
// one that follows another.
type fake struct {
	metric string
	before func(context.Context) error // nil for none
	follow bool
	reads  int
}

func (f *fake) Metrics() []string { return []string{f.metric} }
func (f *fake) Forget()           { f.follow = false }

func (f *fake) Read(ctx context.Context) (map[string]float64, error) {
	f.reads++
	if f.before != nil {
		if err := f.before(ctx); err != nil {
			return nil, err
		}
	}
	v := 1.0
	if f.follow {
		v = 2
	}
	f.follow = true
	return map[string]float64{f.metric: v}, nil
}
