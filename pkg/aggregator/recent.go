package aggregator

import "time"

// recentFor is for how long an answer is good enough.
const recentFor = time.Second

// recent asks again only when the last answer is older than recentFor. It is for
// one goroutine.
func recent[T any](now func() time.Time, ask func() T) func() T {
	var answer T
	var at time.Time
	return func() T {
		if t := now(); at.IsZero() || t.Sub(at) >= recentFor {
			answer, at = ask(), t
		}
		return answer
	}
}
