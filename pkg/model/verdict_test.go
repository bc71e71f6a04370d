package model

import "testing"

func TestVerdictsAreOrderedFromGoodToBad(t *testing.T) {
	order := []Verdict{Healthy, Degraded, Unhealthy, Unknown}
	for i, v := range order {
		for j, o := range order {
			if got := v.AtLeast(o); got != (i >= j) {
				t.Errorf("%s is at least as bad as %s: %v", v, o, got)
			}
		}
	}
}
