package sensor_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/sensor"
)

type (
	values  = map[string]float64
	reasons = map[string]string
)

func check(t *testing.T, got sensor.Reading, metrics values, errs reasons) {
	t.Helper()
	if diff := cmp.Diff(sensor.Reading{Metrics: metrics, Errors: errs}, got); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}

func TestUnknownMetricIsNamedAndHidesNoOther(t *testing.T) {
	set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(&fake{metric: "a"}))
	check(t, set.Sample(t.Context(), []string{"a", "nonsense", "a"}),
		values{"a": 1}, reasons{"nonsense": "unknown metric"})
}

func TestOnlyTheSensorsOfAskedMetricsAreRead(t *testing.T) {
	a, b := &fake{metric: "a"}, &fake{metric: "b"}
	set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(a, b))
	check(t, set.Sample(t.Context(), []string{"a"}), values{"a": 1}, reasons{})
	check(t, set.Sample(t.Context(), nil), values{}, reasons{})
	if a.reads != 1 || b.reads != 0 {
		t.Errorf("a read %d times, b %d times; want 1 and 0", a.reads, b.reads)
	}
}

func TestFailingSensorIsNamedAndStartsAnew(t *testing.T) {
	for reason, fail := range map[string]func(context.Context) error{
		"broken":                      func(context.Context) error { return errors.New("broken") },
		`read ["bad"]: panic: broken`: func(context.Context) error { panic("broken") },
	} {
		bad := &fake{metric: "bad"}
		set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(bad, &fake{metric: "good"}))
		both := []string{"bad", "good"}
		check(t, set.Sample(t.Context(), both), values{"bad": 1, "good": 1}, reasons{})
		bad.before = fail
		check(t, set.Sample(t.Context(), both), values{"good": 2}, reasons{"bad": reason})
		bad.before = nil
		check(t, set.Sample(t.Context(), both), values{"bad": 1, "good": 2}, reasons{})
	}
}

func TestValueThatJSONCannotHoldIsAnError(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(constant(v)))
		check(t, set.Sample(t.Context(), []string{"constant"}), values{}, reasons{"constant": "not a finite number"})
	}
}

func TestHungSensorCostsItsDeadlineOnceAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := &fake{metric: "hung", follow: true, before: func(context.Context) error { <-release; return nil }}
		set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(hung, &fake{metric: "good"}))
		both := []string{"hung", "good"}
		began := time.Now()

		check(t, set.Sample(t.Context(), both), values{"good": 1}, reasons{"hung": "no answer for 500ms"})
		if cost := time.Since(began); cost != sensor.DefaultDeadline {
			t.Errorf("first sample took %v, want %v", cost, sensor.DefaultDeadline)
		}

		time.Sleep(11500 * time.Millisecond)
		check(t, set.Sample(t.Context(), both), values{"good": 2}, reasons{"hung": "no answer for 12s"})
		check(t, set.Sample(t.Context(), []string{"good"}), values{"good": 2}, reasons{})
		check(t, set.Sample(t.Context(), both), values{"good": 2}, reasons{"hung": "no answer for 12s"})
		if cost := time.Since(began); cost != 12*time.Second {
			t.Errorf("samples beside a hung sensor took %v, want no time", cost-12*time.Second)
		}

		close(release)
		synctest.Wait()
		if hung.reads != 1 {
			t.Errorf("a hung sensor was started %d times, want once", hung.reads)
		}
		check(t, set.Sample(t.Context(), both), values{"hung": 1, "good": 2}, reasons{}) // 1: the late reading is dropped
		check(t, set.Sample(t.Context(), both), values{"hung": 2, "good": 2}, reasons{})
	})
}

func TestHungSensorHidesNoneThatAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for range 10 { // the order in which sensors are waited for is random
			sensors := []sensor.Sensor{&fake{metric: "hung", before: func(context.Context) error { <-release; return nil }}}
			asked, want := []string{"hung"}, values{}
			for _, m := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				sensors, asked, want[m] = append(sensors, &fake{metric: m}), append(asked, m), 1
			}
			set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(sensors...))
			check(t, set.Sample(t.Context(), asked), want, reasons{"hung": "no answer for 500ms"})
		}
	})
}

func TestSlowSensorsAreWaitedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context) error { time.Sleep(300 * time.Millisecond); return nil }
		set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(
			&fake{metric: "a", before: slow}, &fake{metric: "b", before: slow}, &fake{metric: "c", before: slow}))
		began := time.Now()
		check(t, set.Sample(t.Context(), []string{"a", "b", "c"}), values{"a": 1, "b": 1, "c": 1}, reasons{})
		if cost := time.Since(began); cost != 300*time.Millisecond {
			t.Errorf("sample took %v, want 300ms", cost)
		}
	})
}

func TestEndOfContextEndsSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hung := &fake{metric: "hung", before: func(context.Context) error { <-release; return nil }}
		set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(hung), sensor.WithDeadline(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		check(t, set.Sample(ctx, []string{"hung"}), values{}, reasons{"hung": "no answer for 20ms"})
	})
}

func TestSensorNotAskedForStartsAnew(t *testing.T) {
	set := sensor.NewSet(sensor.WithMinWindow(0), sensor.WithSensors(&fake{metric: "a"}))
	for _, step := range []struct {
		asked []string
		want  values
	}{
		{[]string{"a"}, values{"a": 1}},
		{[]string{"a"}, values{"a": 2}},
		{nil, values{}},
		{[]string{"a"}, values{"a": 1}},
		{[]string{"a"}, values{"a": 2}},
	} {
		check(t, set.Sample(t.Context(), step.asked), step.want, reasons{})
	}
}

type constant float64

func (constant) Metrics() []string { return []string{"constant"} }
func (constant) Forget()           {}
func (c constant) Read(context.Context) (map[string]float64, error) {
	return values{"constant": float64(c)}, nil
}

func TestMetricAskedForAgainTooSoonForARateKeepsItsValue(t *testing.T) {
	t.Parallel()
	set := sensor.NewSet(sensor.WithMinWindow(time.Hour), sensor.WithSensors(&fake{metric: "a"}, &fake{metric: "b"}))
	check(t, set.Sample(t.Context(), []string{"a"}), values{"a": 1}, reasons{})
	check(t, set.Sample(t.Context(), []string{"a", "b"}), values{"a": 1, "b": 1}, reasons{})
	check(t, set.Sample(t.Context(), []string{"a"}), values{"a": 1}, reasons{})
}
