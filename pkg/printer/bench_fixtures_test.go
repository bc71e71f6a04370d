package printer

import "github.com/kubectl-monitor/kubectl-monitor/pkg/model"

func benchProcess(name string) model.BenchProcess {
	return model.BenchProcess{Name: name, CPU: new(34.567), Memory: new(int64(210 << 20))}
}

// soundBench is a load that was borne.
func soundBench() *model.BenchAgents {
	return &model.BenchAgents{
		TypeMeta: meta(model.KindBenchAgents), Run: "abcdef", Interval: 1, Duration: 60, RampUp: 10.6, Connections: 50,
		Agents:     model.BenchFleet{Asked: 5000, Reported: 5000},
		Heartbeats: model.BenchHeartbeats{Asked: 5000, Achieved: 4998.2, Count: 299_892, Late: 12},
		Put:        model.BenchLatency{Count: 299_892, P50: 0.00213, P99: 0.0171, Max: 0.1204},
		PutToView:  model.BenchLatency{Count: 299_892, P50: 0.0019, P99: 0.0162, Max: 0.1192},
		PutToWatch: model.BenchLatency{Count: 299_892, P50: 0.0018, P99: 0.0155, Max: 0.1188},
		Keepalives: 3001.5,
		Store:      model.BenchStore{DBSize: new(int64(200 << 20)), DBGrowth: new(int64(198 << 20)), Revisions: new(int64(310_000))},
		Members:    []model.BenchProcess{benchProcess("etcd-1"), benchProcess("etcd-2"), {Name: "etcd-3"}},
		Load:       benchProcess("this process"),
		Left:       model.BenchLeft{Forgotten: 5000},
	}
}

// brokenBench is a load that was too much, interrupted, on a store that says little.
func brokenBench() *model.BenchAgents {
	return &model.BenchAgents{
		TypeMeta: meta(model.KindBenchAgents), Run: "abcdef", Interval: 0.1, Duration: 3, RampUp: 10.6, Connections: 50, Interrupted: true,
		Agents:     model.BenchFleet{Asked: 9000, Reported: 8990, Ended: 1},
		Heartbeats: model.BenchHeartbeats{Asked: 90_000, Dropped: 250_000, Failed: 9},
		Nodes:      model.BenchNodes{FalselyDead: 2, Stale: 70, Details: []string{"bench-abcdef-00001: its heartbeat vanished", hostileText}},
		Load:       model.BenchProcess{Name: "this process"},
		Errors:     map[string]int{"too many requests": 8, hostileText: 1},
		Left:       model.BenchLeft{Errors: []string{"remove the keys: no answer in time"}},
	}
}

func etcdBench() *model.BenchEtcd {
	return &model.BenchEtcd{
		TypeMeta: meta(model.KindBenchEtcd), Clients: 100, Connections: 20, ValueSize: 256, RateLimit: 5000,
		Figures: []model.BenchFigure{
			{Name: "put", Seconds: 10, Rate: 5000.2, Latency: model.BenchLatency{Count: 50_002, P50: 0.002, P99: 0.013, Max: 0.031}},
			{Name: "range", Seconds: 10, Rate: 4200, Latency: model.BenchLatency{Count: 42_000, P50: 0.001, P99: 0.004, Max: 0.2}, Failed: 3,
				Errors: map[string]int{hostileText: 2, "too many requests": 1}},
			{Name: "lease-keepalive", Seconds: 10},
		},
	}
}
