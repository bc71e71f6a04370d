package model

import (
	"slices"
	"testing"
)

func TestKnownMetricsHaveTheirDocumentedNamesAndUnits(t *testing.T) {
	want := []Metric{
		{"cpu", Percent}, {"memory", Percent},
		{"disk read", BytesPerSecond}, {"disk write", BytesPerSecond}, {"net in", BytesPerSecond}, {"net out", BytesPerSecond},
		{"load1", Plain}, {"disk used", Percent},
	}
	if got := Metrics(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	Metrics()[0].Name = "changed"
	for _, m := range want {
		if got, ok := LookupMetric(m.Name); !ok || got != m {
			t.Errorf("%q is found as %v, %v", m.Name, got, ok)
		}
	}
}

func TestUnknownMetricIsNamedBesideTheKnownOnes(t *testing.T) {
	const known = "; known: cpu, memory, disk read, disk write, net in, net out, load1, disk used"
	for name, why := range map[string]string{
		"gpu": `unknown metric "gpu"` + known, "": `unknown metric ""` + known, "CPU": `unknown metric "CPU"` + known,
		"\x1b[2J": `unknown metric "\x1b[2J"` + known,
	} {
		if err := CheckMetric(name); err == nil || err.Error() != why {
			t.Errorf("%q: error is %v", name, err)
		}
	}
	for _, name := range MetricNames() {
		if err := CheckMetric(name); err != nil {
			t.Error(err)
		}
	}
}
