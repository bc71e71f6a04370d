package aggregator

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// scraped collects what a view shows. It reads the view once per scrape, so that
// all series of one scrape tell of the same moment.
type scraped struct {
	view     source
	instance string // of this replica

	leads      *prometheus.Desc
	term       *prometheus.Desc
	candidates *prometheus.Desc
	readable   *prometheus.Desc
	verdict    *prometheus.Desc
	voters     *prometheus.Desc
	spare      *prometheus.Desc
	nodes      *prometheus.Desc

	node   nodeSeries
	member memberSeries
}

func newScraped(view source, instance string) *scraped {
	return &scraped{
		view:     view,
		instance: instance,

		leads:      desc(replica+"_leader", "1 if this replica leads, 0 if not."),
		term:       desc(replica+"_term", "The term of the aggregators' leader, 1 for the first; absent while nobody is known to lead."),
		candidates: desc(replica+"_candidates", "Replicas that lead or could; absent while the store cannot be read."),
		readable:   desc("store_readable", "1 if this replica can read etcd, 0 if not; what it knew last is shown as Unknown then."),
		verdict:    desc("verdict", "1 for the verdict on the whole cluster, 0 for the others.", "verdict"),
		voters:     desc("members_voting", "Members of etcd with a vote, those that do not answer included."),
		spare:      desc("members_spare", "Voting members that may fail while a quorum remains; negative where there is none."),
		nodes:      desc("nodes", "Nodes in a state.", "state"),

		node:   newNodeSeries(),
		member: newMemberSeries(),
	}
}

// desc describes a gauge.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (s *scraped) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.leads, s.term, s.candidates, s.readable, s.verdict, s.voters, s.spare, s.nodes} {
		to <- d
	}
	s.node.describe(to)
	s.member.describe(to)
}

// Collect implements prometheus.Collector.
func (s *scraped) Collect(to chan<- prometheus.Metric) {
	s.collectLeadership(to, s.view.Aggregator())
	ready := s.view.Ready()
	gauge(to, s.readable, truth(ready && s.view.Lost() == nil))
	if !ready {
		return // no number is better than a wrong one
	}
	st := s.view.Status()
	for _, v := range []model.Verdict{model.Healthy, model.Degraded, model.Unhealthy, model.Unknown} {
		gauge(to, s.verdict, truth(v == st.Verdict), string(v))
	}
	gauge(to, s.voters, float64(st.Quorum.Voters))
	gauge(to, s.spare, float64(st.Quorum.MayLose))
	for state, n := range byState(st.Counts) {
		gauge(to, s.nodes, float64(n), string(state))
	}
	s.member.collect(to, st)
	s.node.collect(to, st.Nodes)
}

func (s *scraped) collectLeadership(to chan<- prometheus.Metric, l model.AggregatorLeader) {
	leads := l.State == model.Leads && l.Leader != nil
	gauge(to, s.leads, truth(leads && l.Leader.Instance == s.instance))
	n := len(l.Standbys)
	if leads {
		gauge(to, s.term, float64(l.Term))
		n++
	}
	if l.State != model.LeadershipUnseen {
		gauge(to, s.candidates, float64(n))
	}
}

func byState(c model.NodeCounts) map[model.NodeState]int {
	return map[model.NodeState]int{
		model.NodeAlive: c.Alive, model.NodeStale: c.Stale, model.NodeDead: c.Dead,
		model.NodeLeft: c.Left, model.NodeInvalid: c.Invalid, model.NodeUnknown: c.Unknown,
	}
}

func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// label is what stands for a host's, a member's or another name in a label. Names
// that are no names of hosts come from elsewhere and may be any bytes, which a
// label may not: they are quoted where they are not printable text, so that two
// names never become one.
func label(name string) string {
	if quoted := strconv.Quote(name); len(quoted) != len(name)+2 {
		return quoted
	}
	return name
}
