package sensor

import "context"

// Sensor reads one source of the host's metrics. A Set never has two calls of
// one Sensor in flight, so that it may keep its last reading without a lock.
type Sensor interface {
	// Metrics names what Read can return.
	Metrics() []string
	// Read measures now. A metric that takes two readings is absent from the
	// result of the first.
	Read(ctx context.Context) (map[string]float64, error)
	// Forget drops the last reading: the next Read is a first one again.
	Forget()
}

// host returns the sensors of this machine.
func host() []Sensor {
	return []Sensor{cpuSensor(), memorySensor(), diskSensor(), netSensor(), loadSensor(), diskUsedSensor()}
}
