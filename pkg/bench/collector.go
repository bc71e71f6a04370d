package bench

import (
	"os"
	"runtime/debug"
)

// collectorPercent is how much the heap of a process that runs a fleet may grow until
// it is collected. The agents of a fleet stand still together while it is, as those of
// a cluster never do.
const collectorPercent = 400

// collectSeldom makes the process be collected more seldom, unless its environment
// says when, until the function that it returns is called.
func collectSeldom() (asBefore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent := debug.SetGCPercent(collectorPercent)
	return func() { debug.SetGCPercent(percent) }
}
