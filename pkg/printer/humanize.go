package printer

import (
	"fmt"
	"math"
	"strconv"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// humanSize shows bytes in IEC units: 512B, 1.2MiB.
func humanSize(bytes float64) string {
	return scale(bytes, "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
}

// humanRate shows bytes per second, in steps of 1024 as humanSize: 512B/s,
// 1.2M/s. The short units let four rates stand in 80 columns.
func humanRate(bytes float64) string {
	return scale(bytes, "B/s", "K/s", "M/s", "G/s", "T/s", "P/s", "E/s")
}

// scale shows v in the first unit in which it stays below 1024.
func scale(v float64, units ...string) string {
	if math.Abs(v) < 1023.5 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64) + units[0]
	}
	i := 0
	for math.Abs(v) >= 1023.5 && i < len(units)-1 {
		v /= 1024
		i++
	}
	return short(v) + units[i]
}

func humanPercent(v float64) string { return short(v) + "%" }

// short shows a number in at most six characters, or in exponents if need be.
func short(v float64) string {
	switch abs := math.Abs(v); {
	case abs < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case abs < 9999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// humanMetric shows a metric's value in its unit, or bare if nobody knows it.
func humanMetric(name string, v float64) string {
	m, known := model.LookupMetric(name)
	switch {
	case !known:
		return strconv.FormatFloat(v, 'g', 6, 64)
	case m.Unit == model.Percent:
		return humanPercent(v)
	case m.Unit == model.Bytes:
		return humanSize(v)
	case m.Unit == model.BytesPerSecond:
		return humanRate(v)
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'g', 6, 64)
}

// humanSeconds shows a setting, to the digit: 10s, 0.5s.
func humanSeconds(s float64) string { return strconv.FormatFloat(s, 'g', -1, 64) + "s" }

// humanAge shows seconds that have passed as kubectl does (HumanDuration of
// k8s.io/apimachinery/pkg/util/duration): two units at most, and only where
// the second still matters. Less than nothing comes from clocks that differ.
func humanAge(seconds float64) string {
	const minute, hour, day, year = 60, 60 * 60, 24 * 60 * 60, 365 * 24 * 60 * 60
	if !(seconds > -1 && seconds < math.MaxInt32*year) {
		return "<invalid>"
	}
	s := int64(max(seconds, 0))
	switch {
	case s < 2*minute:
		return fmt.Sprintf("%ds", s)
	case s < 10*minute:
		return units(s, minute, "m", 1, "s")
	case s < 3*hour:
		return fmt.Sprintf("%dm", s/minute)
	case s < 8*hour:
		return units(s, hour, "h", minute, "m")
	case s < 2*day:
		return fmt.Sprintf("%dh", s/hour)
	case s < 8*day:
		return units(s, day, "d", hour, "h")
	case s < 2*year:
		return fmt.Sprintf("%dd", s/day)
	case s < 8*year:
		return units(s, year, "y", day, "d")
	}
	return fmt.Sprintf("%dy", s/year)
}

func units(s, big int64, bigName string, small int64, smallName string) string {
	if rest := s % big / small; rest > 0 {
		return fmt.Sprintf("%d%s%d%s", s/big, bigName, rest, smallName)
	}
	return fmt.Sprintf("%d%s", s/big, bigName)
}
