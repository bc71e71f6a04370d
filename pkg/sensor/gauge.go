package sensor

import "context"

// gauge is a Sensor of one metric that one reading tells.
type gauge struct {
	metric string
	read   func(context.Context) (float64, error)
}

func (g gauge) Metrics() []string { return []string{g.metric} }

func (g gauge) Read(ctx context.Context) (map[string]float64, error) {
	v, err := g.read(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]float64{g.metric: v}, nil
}

func (g gauge) Forget() {}
