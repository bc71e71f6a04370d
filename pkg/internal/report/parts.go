package main

import "fmt"

// How often what takes seconds is done: all of it should take no more than 20
// minutes.
const (
	failovers     = 30
	slowFailovers = 10 // of those that wait for a lease to end
	leaderKills   = 20
)

// bench is a `go test` that runs benchmarks of one package and no tests.
func bench(pkg, pattern string, args ...string) command {
	return command{args: append([]string{pkg, "-run", "XXX", "-bench", pattern}, args...)}
}

// parts are all that is measured, in the order in which the table shows them.
func parts() []part {
	return []part{
		commands(), fleet(), watch(), push(), defaultPush(), agent(),
		failover(), leaderKill(), massDeath(), heartbeats(), scrape(), load(),
	}
}

func commands() part {
	const p50 = "ms-p50"
	return part{
		name:     "commands",
		commands: []command{bench("./cmd", "Commands", "-benchtime", "60x")},
		rows: []row{
			{what: "`--help`, whole process, median", ours: figure{"Commands/help", p50}, goal: atMost(20)},
			{
				what: "`status` on the local cluster (3 members, 3 agents), whole process, median", ours: figure{"Commands/status", p50},
				peer: peer{"`etcdctl endpoint status --cluster`, then `etcdctl get --prefix /monitor/`", figure{"Commands/etcdctl-status-and-get", p50}}, goal: ratioAtMost(1),
			},
			{what: "`status` on the local cluster, beside its limit", ours: figure{"Commands/status", p50}, goal: atMost(60)},
			{
				what: "`nodes`, whole process, median", ours: figure{"Commands/nodes", p50},
				peer: peer{"`etcdctl get --prefix /monitor/`", figure{"Commands/etcdctl-get", p50}},
			},
			{
				what: "`members`, whole process, median", ours: figure{"Commands/members", p50},
				peer: peer{"`etcdctl endpoint status --cluster`", figure{"Commands/etcdctl-status", p50}},
			},
		},
	}
}

func fleet() part {
	get := func(unit string) peer {
		return peer{"`etcdctl get --prefix /monitor/heartbeat/ -w json`", figure{"Fleet10000/etcdctl-get", unit}}
	}
	p := part{name: "fleet", commands: []command{bench("./cmd", "Fleet10000", "-benchtime", "20x")}}
	for _, name := range []string{"status", "nodes"} {
		time, memory := figure{"Fleet10000/" + name, "ms-p50"}, figure{"Fleet10000/" + name, "MB/process"}
		p.rows = append(p.rows,
			row{what: "`" + name + "` of 10,000 nodes, whole process, median", ours: time, peer: get(time.unit), goal: atMost(300)},
			row{what: "`" + name + "` of 10,000 nodes: most memory that it held", ours: memory, peer: get(memory.unit), goal: atMost(100)},
		)
	}
	return p
}

func watch() part {
	peer := peer{"`etcdctl watch --prefix /monitor/heartbeat/` in a pipe", figure{"Watch10000", "%-etcdctl"}}
	return part{
		name:     "watch",
		commands: []command{bench("./cmd", "Watch10000", "-benchtime", "1x")},
		rows: []row{
			{what: "`nodes -w` in a pipe, 10,000 nodes and 1,000 changes a second: processor time", ours: figure{"Watch10000", "%-pipe"}, peer: peer, goal: atMost(10)},
			{what: "`nodes -w` on a terminal of 24 lines, the same changes: processor time", ours: figure{"Watch10000", "%-terminal"}, peer: peer, goal: atMost(10)},
		},
	}
}

func push() part {
	return part{
		name:     "push",
		commands: []command{bench("./pkg/agent", "PushToApplied$", "-benchtime", "500x")},
		rows: []row{
			{what: "push of a config until an observer sees it applied, median", ours: figure{"PushToApplied", "ms-p50"}, goal: atMost(20)},
			{what: "push of a config until an observer sees it applied, 99 %", ours: figure{"PushToApplied", "ms-p99"}, goal: atMost(100)},
		},
	}
}

func defaultPush() part {
	bare := func(unit string) peer {
		return peer{"1,000 bare etcd watches of the key", figure{"DefaultPushTo1000", unit}}
	}
	agents := func(unit string) figure { return figure{"DefaultPushTo1000", unit} }
	return part{
		name:     "default-push",
		commands: []command{bench("./pkg/agent", "DefaultPushTo1000", "-benchtime", "20x")},
		rows: []row{
			{what: "push of a config to `_default` until each of 1,000 agents samples by it, median", ours: agents("ms-p50"), peer: bare("ms-bare-p50")},
			{what: "push of a config to `_default` until each of 1,000 agents samples by it, 99 %", ours: agents("ms-p99"), peer: bare("ms-bare-p99"), goal: atMost(200)},
		},
	}
}

func agent() part {
	scrape := func(name, unit string) peer {
		return peer{name, figure{"AgentBesideNodeExporter", unit}}
	}
	return part{
		name: "agent",
		commands: []command{
			bench("./pkg/sensor", "SampleDefaultMetrics", "-count", "5"),
			bench("./cmd", "AgentBesideNodeExporter", "-benchtime", "1x"),
		},
		rows: []row{
			{what: "one sample of the six default metrics", ours: figure{"SampleDefaultMetrics", "ms/sample"}, goal: atMost(0.5)},
			{
				what: "the agent (build tag `node`) at 1 s: processor time of a heartbeat", ours: figure{"AgentBesideNodeExporter", "ms/heartbeat"},
				peer: scrape("a scrape of prometheus-node-exporter, each second at the same time", "ms/scrape"), goal: ratioAtMost(1),
			},
			{
				what: "the agent (build tag `node`) at 1 s: resident memory", ours: figure{"AgentBesideNodeExporter", "MB-agent"},
				peer: scrape("prometheus-node-exporter", "MB-exporter"), goal: ratioAtMost(1),
			},
			{
				what: "of that, what is not pages of the program's file", ours: figure{"AgentBesideNodeExporter", "MB-own-agent"},
				peer: scrape("prometheus-node-exporter", "MB-own-exporter"),
			},
		},
	}
}

func failover() part {
	fast := fmt.Sprintf("%dx", failovers)
	slow := fmt.Sprintf("%dx", slowFailovers)
	p := part{name: "failover", commands: []command{
		bench("./pkg/aggregator", "Failover/term|Failover/kill/ours|Failover/etcd-too/ours", "-benchtime", fast),
		bench("./pkg/aggregator", "Failover/kill/plain|Failover/stop", "-benchtime", slow, "-timeout", "20m"),
	}}
	for _, how := range []struct {
		name, what  string
		runs, plain int
		goal        goal // of 99 %
	}{
		{"term", "clean stop (SIGTERM)", failovers, failovers, atMost(50)},
		{"kill", "crash (SIGKILL)", failovers, slowFailovers, atMost(300)},
		{"stop", "hang (SIGSTOP)", slowFailovers, slowFailovers, atMost(6000)},
	} {
		for _, of := range []struct {
			name, unit string
			goal       goal
		}{{"median", "ms-p50", goal{}}, {"99 %", "ms-p99", how.goal}} {
			p.rows = append(p.rows, row{
				what: fmt.Sprintf("aggregator's failover, %s, %s of %d", how.what, of.name, how.runs), ours: figure{"Failover/" + how.name + "/ours", of.unit},
				peer: peer{fmt.Sprintf("plain `concurrency.Election`, TTL 5 s, %d runs", how.plain), figure{"Failover/" + how.name + "/plain", of.unit}}, goal: of.goal,
			})
		}
	}
	p.rows = append(p.rows, row{
		what: fmt.Sprintf("crash together with the raft leader's, from the first write that etcd accepts, 99 %% of %d", failovers),
		ours: figure{"Failover/etcd-too/ours", "ms-p99"}, goal: atMost(300),
	})
	return p
}

func leaderKill() part {
	limit := peer{"election timeout + 1 s", figure{"LeaderKill", "ms-limit"}}
	runs := fmt.Sprint(leaderKills)
	return part{
		name:     "leader-kill",
		commands: []command{bench("./cmd", "LeaderKill", "-benchtime", runs+"x")},
		rows: []row{
			{what: "etcd's own leader crashes: longest time without an acknowledged write, median of " + runs, ours: figure{"LeaderKill", "ms-p50"}, peer: limit},
			{what: "etcd's own leader crashes: longest time without an acknowledged write, 99 % of " + runs, ours: figure{"LeaderKill", "ms-p99"}, peer: limit, goal: ratioAtMost(1)},
		},
	}
}

func massDeath() part {
	return part{
		name:     "mass-death",
		commands: []command{bench("./pkg/aggregator", "MassDeath", "-benchtime", "1x")},
		rows: []row{{
			what: "2,000 of 4,000 agents die at once: until the last one is told dead", ours: figure{"MassDeath", "s-all-dead"},
			peer: peer{"etcd's rate of ending leases (TTL 5 s + 0.5 s + 2 s)", figure{"MassDeath", "s-limit"}}, goal: ratioAtMost(1),
		}},
	}
}

func heartbeats() part {
	informer := func(unit string) peer {
		return peer{"`encoding/json` into the store of a client-go informer, which says nothing of states", figure{"HeartbeatsOf10000/informer", unit}}
	}
	one := bench("./pkg/view", "HeartbeatsOf10000", "-count", "5")
	one.env = []string{"GOMAXPROCS=1"}
	return part{
		name:     "heartbeats",
		commands: []command{one},
		rows: []row{
			{
				what: "heartbeats applied to the view of 10,000 nodes, one core", ours: figure{"HeartbeatsOf10000/view", "heartbeats/s"},
				peer: informer("heartbeats/s"), goal: atLeast(200_000),
			},
			{what: "the view of 10,000 nodes: memory", ours: figure{"HeartbeatsOf10000/view", "B/node"}, peer: informer("B/node")},
		},
	}
}

func scrape() part {
	return part{
		name:     "scrape",
		commands: []command{bench("./pkg/aggregator", "Scrape10000Nodes", "-benchtime", "10x")},
		rows: []row{
			{what: "scrape of `/metrics` with 10,000 nodes", ours: figure{"Scrape10000Nodes/plain", "ms/scrape"}, goal: atMost(500)},
			{what: "scrape of `/metrics` with 10,000 nodes, compressed", ours: figure{"Scrape10000Nodes/gzip", "ms/scrape"}, goal: atMost(500)},
		},
	}
}

func load() part {
	p := part{name: "load", commands: []command{bench("./cmd", "Load", "-benchtime", "1x", "-timeout", "15m")}}
	for _, l := range []struct{ name, what string }{
		{"Load/5000-at-1s", "5,000 agents at 1 s for a minute"},
		{"Load/10000-at-5s", "10,000 agents at 5 s for a minute"},
	} {
		p.rows = append(p.rows,
			row{what: l.what + ": put, 99 %", ours: figure{l.name, "ms-put"}, goal: atMost(50)},
			row{
				what: l.what + ": put to view, 99 %", ours: figure{l.name, "ms-view"},
				peer: peer{"bare etcd watch", figure{l.name, "ms-watch"}}, goal: ratioAtMost(1.2),
			},
			row{what: l.what + ": heartbeats late, dropped or not acknowledged", ours: figure{l.name, "%-late"}, goal: atMost(1)},
			row{what: l.what + ": live ones shown Dead", ours: figure{l.name, "nodes-dead"}, goal: atMost(0)},
		)
	}
	p.rows = append(p.rows, row{
		what: "highest rate of full heartbeats, 1,000 agents", ours: figure{"Load/most", "heartbeats/s"},
		peer: peer{"raw leased puts of as many callers", figure{"Load/most", "puts/s"}}, goal: ratioAtLeast(0.9),
	})
	return p
}
