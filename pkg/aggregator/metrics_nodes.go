package aggregator

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// nodeSeries are the series of every node. A node's state is one series, not one
// for each state: six times ten thousand would cost more than all the others.
type nodeSeries struct {
	state    *prometheus.Desc
	age      *prometheus.Desc
	applied  *prometheus.Desc
	wanted   *prometheus.Desc
	rejected *prometheus.Desc
	measured []measured
}

// measured is a metric that agents report.
type measured struct {
	name  string // the agents' name of it
	desc  *prometheus.Desc
	scale float64 // what makes its value one of Prometheus' base units
}

func newNodeSeries() nodeSeries {
	s := nodeSeries{
		state:    nodeDesc("state", "1 for the state of a node; a node has one such series, that of its present state.", "state"),
		age:      nodeDesc("heartbeat_age_seconds", "Time since the last heartbeat of a node; absent if there was none."),
		applied:  nodeDesc("config_applied_revision", "Revision of the configuration that a node's agent has applied; 0 for none."),
		wanted:   nodeDesc("config_wanted_revision", "Revision of the configuration that is stored for a node; 0 for none."),
		rejected: nodeDesc("config_rejected", "1 if a node's agent could not use its configuration, 0 if not."),
	}
	for _, m := range model.Metrics() {
		s.measured = append(s.measured, newMeasured(m))
	}
	return s
}

func nodeDesc(name, help string, more ...string) *prometheus.Desc {
	return desc("node_"+name, help, append([]string{"node"}, more...)...)
}

// newMeasured names a metric as is usual with Prometheus: base units, and parts of
// one instead of percent.
func newMeasured(m model.Metric) measured {
	name, help := m.Name, ""
	switch m.Name {
	case model.MetricCPU:
		name, help = "cpu_usage", "Part of all CPUs' time in which they were not idle."
	case model.MetricMemory:
		name, help = "memory_usage", "Part of the memory that is in use."
	case model.MetricDiskUsed:
		name, help = "disk_usage", "Part of the root file system that is in use."
	case model.MetricDiskRead:
		name, help = "disk_read", "Bytes per second that the physical disks read, over the last interval."
	case model.MetricDiskWrite:
		name, help = "disk_write", "Bytes per second that the physical disks wrote, over the last interval."
	case model.MetricNetIn:
		name, help = "network_receive", "Bytes per second that the real network interfaces received, over the last interval."
	case model.MetricNetOut:
		name, help = "network_transmit", "Bytes per second that the real network interfaces sent, over the last interval."
	case model.MetricLoad1:
		name, help = "load1", "Load average of the last minute."
	}
	scale := 1.0
	switch m.Unit {
	case model.Percent:
		name, scale = name+"_ratio", 0.01
	case model.Bytes:
		name += "_bytes"
	case model.BytesPerSecond:
		name += "_bytes_per_second"
	}
	return measured{m.Name, nodeDesc(name, help), scale}
}

func (s *nodeSeries) describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.state, s.age, s.applied, s.wanted, s.rejected} {
		to <- d
	}
	for _, m := range s.measured {
		to <- m.desc
	}
}

func (s *nodeSeries) collect(to chan<- prometheus.Metric, nodes []model.Node) {
	for i := range nodes {
		s.collectNode(to, &nodes[i])
	}
}

func (s *nodeSeries) collectNode(to chan<- prometheus.Metric, n *model.Node) {
	if len(n.Name) > model.MaxHostLength {
		return // no node, but a key of up to megabytes; it is counted as Invalid
	}
	name := label(n.Name)
	gauge(to, s.state, 1, name, string(n.State))
	if n.Age != nil {
		gauge(to, s.age, *n.Age, name)
	}
	gauge(to, s.applied, float64(n.ConfigRevision), name)
	gauge(to, s.wanted, float64(n.WantedRevision), name)
	gauge(to, s.rejected, truth(n.ConfigRejected), name)
	if n.State != model.NodeAlive {
		return // what it measured is old, and Prometheus would take it for new
	}
	for _, m := range s.measured {
		if v, ok := n.Metrics[m.name]; ok {
			gauge(to, m.desc, v*m.scale, name)
		}
	}
}
