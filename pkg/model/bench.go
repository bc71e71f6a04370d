package model

// The kinds of record that `bench` shows.
const (
	KindBenchAgents = "BenchAgents"
	KindBenchEtcd   = "BenchEtcd"
)

// BenchLatency sums up how long something took, in seconds. A percentile is the
// least value that so many of the counted did not exceed, to 3 significant digits.
type BenchLatency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// BenchProcess is what a process has used while it was measured. What is nil could
// not be read: the process is not on this machine.
type BenchProcess struct {
	Name   string   `json:"name"`
	CPU    *float64 `json:"cpu"`    // percent of one core, on average
	Memory *int64   `json:"memory"` // bytes resident, at the most
}

// BenchFleet is how many agents there were.
type BenchFleet struct {
	Asked int `json:"asked"`
	// Reported are those that had put a heartbeat when the ramp-up was over.
	Reported int `json:"reported"`
	// Ended are those that gave up by themselves.
	Ended int `json:"ended"`
}

// BenchHeartbeats is what the agents did while they were measured.
type BenchHeartbeats struct {
	Asked    float64 `json:"asked"`    // per second
	Achieved float64 `json:"achieved"` // acknowledged per second
	Count    int64   `json:"count"`    // acknowledged
	// Late are those acknowledged more than one and a half intervals after the
	// agent's one before.
	Late    int64 `json:"late"`
	Dropped int64 `json:"dropped"` // samples that a newer one took the place of
	Failed  int64 `json:"failed"`  // attempts to put that ended with an error
}

// BenchNodes is what the observer's view, or their own lease, said of agents that ran.
type BenchNodes struct {
	FalselyDead int `json:"falselyDead"` // agents shown Dead, or whose heartbeat or lease vanished
	Stale       int `json:"stale"`       // agents shown Stale at some time
	// Details names the first few that were shown dead.
	Details []string `json:"details,omitempty"`
}

// BenchStore is how the store grew from the first heartbeat until the measurement
// was over. Nil could not be read.
type BenchStore struct {
	DBSize    *int64 `json:"dbSize"`   // bytes in the end, the largest of the members
	DBGrowth  *int64 `json:"dbGrowth"` // bytes, the most that one member grew by
	Revisions *int64 `json:"revisions"`
}

// BenchLeft is what a run had to remove, and what is left of it.
type BenchLeft struct {
	Forgotten int      `json:"forgotten"` // roster entries
	Errors    []string `json:"errors,omitempty"`
}

// BenchAgents is what `bench agents` shows.
type BenchAgents struct {
	TypeMeta    `json:",inline"`
	Run         string  `json:"run"`      // in the names of the agents' hosts
	Interval    float64 `json:"interval"` // seconds
	Duration    float64 `json:"duration"` // seconds that were measured
	RampUp      float64 `json:"rampUp"`   // seconds before that
	Connections int     `json:"connections"`
	// Interrupted tells that it was ended before its time.
	Interrupted bool            `json:"interrupted,omitempty"`
	Agents      BenchFleet      `json:"agents"`
	Heartbeats  BenchHeartbeats `json:"heartbeats"`
	// Put is from the sending of a put to its answer, PutToView to when the view has
	// it, PutToWatch to when a watch of the same keys that does nothing else has it.
	Put        BenchLatency `json:"put"`
	PutToView  BenchLatency `json:"putToView"`
	PutToWatch BenchLatency `json:"putToWatch"`
	Keepalives float64      `json:"keepalives"` // answered per second
	Nodes      BenchNodes   `json:"nodes"`
	Store      BenchStore   `json:"store"`
	// Members are the etcd members' processes, Load the one of the agents.
	Members []BenchProcess `json:"members"`
	Load    BenchProcess   `json:"load"`
	Errors  map[string]int `json:"errors,omitempty"` // failed attempts by their reason
	Left    BenchLeft      `json:"left"`
}

// BenchFigure is one measurement of `bench etcd`.
type BenchFigure struct {
	Name    string         `json:"name"`
	Seconds float64        `json:"seconds"`
	Rate    float64        `json:"rate"` // that succeeded, per second
	Latency BenchLatency   `json:"latency"`
	Failed  int64          `json:"failed"`
	Errors  map[string]int `json:"errors,omitempty"` // by their reason
}

// BenchEtcd is what `bench etcd` shows.
type BenchEtcd struct {
	TypeMeta    `json:",inline"`
	Clients     int     `json:"clients"` // callers at a time
	Connections int     `json:"connections"`
	ValueSize   int     `json:"valueSize"`           // bytes
	RateLimit   float64 `json:"rateLimit,omitempty"` // calls per second that were asked for; 0 is as many as go
	// Interrupted tells that it was ended before its time.
	Interrupted bool          `json:"interrupted,omitempty"`
	Figures     []BenchFigure `json:"items"`
	Errors      []string      `json:"errors,omitempty"` // of what could not be removed
}
