package model

import "slices"

// Unit says how a metric's number is to be read.
type Unit int

// The units of the known metrics.
const (
	Plain          Unit = iota // a bare number
	Percent                    // 0 to 100
	Bytes                      // bytes
	BytesPerSecond             // bytes per second over the last interval
)

// Names of the metrics that an agent can report.
const (
	MetricCPU       = "cpu"
	MetricMemory    = "memory"
	MetricDiskRead  = "disk read"
	MetricDiskWrite = "disk write"
	MetricNetIn     = "net in"
	MetricNetOut    = "net out"
	MetricLoad1     = "load1"
	MetricDiskUsed  = "disk used"
)

// Metric is one thing that an agent can measure.
type Metric struct {
	Name string
	Unit Unit
}

// metrics lists the known ones in the order in which tables show them; the
// first six are the built-in default.
var metrics = []Metric{
	{MetricCPU, Percent},
	{MetricMemory, Percent},
	{MetricDiskRead, BytesPerSecond},
	{MetricDiskWrite, BytesPerSecond},
	{MetricNetIn, BytesPerSecond},
	{MetricNetOut, BytesPerSecond},
	{MetricLoad1, Plain},
	{MetricDiskUsed, Percent},
}

// Metrics returns the known metrics in the order in which tables show them.
func Metrics() []Metric { return slices.Clone(metrics) }

// MetricNames returns the names of the known metrics, in the same order.
func MetricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name
	}
	return names
}

// LookupMetric finds a known metric by its name.
func LookupMetric(name string) (Metric, bool) {
	for _, m := range metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}
