package printer

import (
	"math"
	"testing"
)

func TestSizesHaveThreeDigitsAndAUnit(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0B", 0.4: "0B", 1: "1B", 1023: "1023B", 1023.6: "1.0KiB", 1024: "1.0KiB", 1234: "1.2KiB", 102400: "100KiB",
		1023.9 * 1024: "1.0MiB", 2 << 30: "2.0GiB", 1 << 60: "1.0EiB", -2048: "-2.0KiB", 1e300: "8.67e+281EiB",
	} {
		if got := humanSize(v); got != want {
			t.Errorf("humanSize(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestMetricsAreShownInTheirUnit(t *testing.T) {
	for _, c := range []struct {
		name string
		v    float64
		want string
	}{
		{"cpu", 12.34, "12.3%"}, {"cpu", 100, "100%"}, {"memory", 99.96, "100%"}, {"disk used", 0, "0.0%"},
		{"net in", 12.3 * 1024, "12.3K/s"}, {"disk read", 7, "7B/s"},
		{"load1", 0.254, "0.25"}, {"load1", 12, "12"}, {"gpu temp", 61.5, "61.5"}, {"cpu", math.NaN(), "NaN%"},
	} {
		if got := humanMetric(c.name, c.v); got != c.want {
			t.Errorf("humanMetric(%s, %v) = %s, want %s", c.name, c.v, got, c.want)
		}
	}
}

func TestAgesAreThoseOfKubectl(t *testing.T) {
	const minute, hour, day, year = 60, 3600, 86400, 365 * 86400
	for seconds, want := range map[float64]string{
		0: "0s", 0.9: "0s", -0.5: "0s", -2: "<invalid>", 3: "3s", 119: "119s", 120: "2m", 252: "4m12s", 10 * minute: "10m", 179 * minute: "179m",
		3 * hour: "3h", 3*hour + 5*minute: "3h5m", 8 * hour: "8h", 47 * hour: "47h", 2 * day: "2d", 2*day + 3*hour: "2d3h", 8 * day: "8d",
		700 * day: "700d", 2*year + 30*day: "2y30d", 9 * year: "9y", 1e300: "<invalid>", math.Inf(1): "<invalid>",
	} {
		if got := humanAge(seconds); got != want {
			t.Errorf("humanAge(%v) = %s, want %s", seconds, got, want)
		}
	}
	if got := humanAge(math.NaN()); got != "<invalid>" {
		t.Errorf("humanAge(NaN) = %s", got)
	}
}
