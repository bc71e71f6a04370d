package bench

import (
	"sync/atomic"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/agent"
)

// lateAfter is, in intervals, how long after the one before a heartbeat is late.
const lateAfter = 1.5

// The observers of a fleet, in the order of the lanes of its passages.
const (
	laneView = iota
	laneWatch
)

// meter counts what a fleet does within a window.
type meter struct {
	window   window
	interval time.Duration

	puts, toView, toWatch *latency
	passages              *passages
	failed                *failures

	acknowledged, late, lost, keepalives atomic.Int64
}

func newMeter(interval time.Duration) *meter {
	m := &meter{interval: interval, puts: newLatency(), toView: newLatency(), toWatch: newLatency(), failed: newFailures()}
	m.passages = newPassages(&m.window, m.toView, m.toWatch)
	return m
}

// put takes what an agent tells of a put.
func (m *meter) put(s *simulated, p agent.Put) {
	at := p.Began.Add(p.Took)
	measured := m.window.contains(at)
	if p.Err != nil {
		if measured && !s.stopped.Load() {
			m.failed.add(p.Err)
		}
		return
	}
	m.passages.sent(p.Revision, p.Began)
	late := s.reported.Swap(true) && at.Sub(s.last) > time.Duration(lateAfter*float64(m.interval))
	s.last = at
	if !measured {
		return
	}
	m.puts.record(p.Took)
	m.acknowledged.Add(1)
	if late {
		m.late.Add(1)
	}
}

func (m *meter) dropped() {
	if m.window.contains(time.Now()) {
		m.lost.Add(1)
	}
}

// heard takes what the clients tell of the messages that their streams bring.
func (m *meter) heard(method string) {
	if method == "LeaseKeepAlive" && m.window.contains(time.Now()) {
		m.keepalives.Add(1)
	}
}
