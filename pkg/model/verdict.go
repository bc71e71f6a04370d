package model

// Verdict is the one word on a whole cluster.
type Verdict string

// The verdicts, from good to bad.
const (
	Healthy   Verdict = "HEALTHY"
	Degraded  Verdict = "DEGRADED"
	Unhealthy Verdict = "UNHEALTHY" // members answer, but there is no quorum or no raft leader
	Unknown   Verdict = "UNKNOWN"   // no member answers
)

var verdictRank = map[Verdict]int{Healthy: 0, Degraded: 1, Unhealthy: 2, Unknown: 3}

// AtLeast reports whether v is as bad as o, or worse.
func (v Verdict) AtLeast(o Verdict) bool { return verdictRank[v] >= verdictRank[o] }
