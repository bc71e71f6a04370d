//go:build e2e

package e2e

import (
	"slices"
	"time"
)

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2].Round(time.Millisecond)
}
