package sensor

import (
	"context"
	"errors"
	"maps"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestMovedCountsOnlyWhatGrew(t *testing.T) {
	type devices = map[string]traffic
	for name, c := range map[string]struct {
		last, now devices
		want      traffic
	}{
		"sum of devices":         {devices{"a": {1, 2}, "b": {10, 20}}, devices{"a": {3, 5}, "b": {14, 25}}, traffic{6, 8}},
		"at rest":                {devices{"a": {5, 5}}, devices{"a": {5, 5}}, traffic{}},
		"new":                    {devices{"a": {1, 1}}, devices{"a": {2, 2}, "new": {1 << 50, 1 << 50}}, traffic{1, 1}},
		"gone":                   {devices{"a": {1, 1}, "gone": {1 << 50, 1 << 50}}, devices{"a": {2, 2}}, traffic{1, 1}},
		"wrapped at 32 bit":      {devices{"a": {math.MaxUint32, 1}, "b": {1, 1}}, devices{"a": {7, 3}, "b": {2, 2}}, traffic{1, 3}},
		"wrapped at 64 bit":      {devices{"a": {math.MaxUint64, math.MaxUint64}}, devices{"a": {0, 0}}, traffic{}},
		"other under the name":   {devices{"a": {1 << 50, 1 << 50}}, devices{"a": {9, 9}}, traffic{}},
		"every device went away": {devices{"a": {1, 1}}, devices{}, traffic{}},
		"all are new":            {devices{}, devices{"a": {9, 9}}, traffic{}},
	} {
		if got := moved(c.last, c.now); got != c.want {
			t.Errorf("%s: moved %+v, want %+v", name, got, c.want)
		}
	}
}

func TestRateIsOverTheTimeThatReallyPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total traffic
		r := &rate{in: "in", out: "out", read: func(context.Context) (map[string]traffic, error) {
			return map[string]traffic{"eth0": total}, nil
		}}
		read := func(want map[string]float64) {
			t.Helper()
			got, err := r.Read(t.Context())
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("read %v, error %v; want %v", got, err, want)
			}
		}
		read(nil)
		total = traffic{1000, 3000}
		time.Sleep(10 * time.Second)
		read(map[string]float64{"in": 100, "out": 300})
		total = traffic{2000, 3000}
		time.Sleep(100 * time.Millisecond)
		read(map[string]float64{"in": 10000, "out": 0})
		read(nil) // no time has passed
		r.Forget()
		time.Sleep(time.Hour)
		read(nil)
	})
}

func TestRateNamesTheCauseOfItsFailure(t *testing.T) {
	cause := errors.New("no such file")
	r := &rate{read: func(context.Context) (map[string]traffic, error) { return nil, cause }}
	if _, err := r.Read(t.Context()); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}
