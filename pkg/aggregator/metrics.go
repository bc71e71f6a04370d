package aggregator

import (
	"log/slog"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc/status"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The beginnings of the metrics' names.
const (
	namespace = "kubectl_monitor"
	replica   = "aggregator" // what concerns this replica and its leadership
)

// Metrics is what a replica tells Prometheus: what it counts itself, and, once it
// is shown one, its view. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	failovers *prometheus.CounterVec
	deposed   prometheus.Counter
	refused   prometheus.Counter
	events    prometheus.Counter
	seen      prometheus.Gauge
	cursor    prometheus.Gauge
	calls     *prometheus.HistogramVec
	failures  *prometheus.CounterVec
}

// newMetrics makes the metrics of a replica of that version.
func newMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		failovers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: replica, Name: "failovers_total",
			Help: "Terms that this replica began to lead after another term had ended, by the cause of that end.",
		}, []string{"cause"}),
		deposed: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: replica, Name: "depositions_total",
			Help: "Terms of this replica that ended against its will.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: replica, Name: "writes_refused_total",
			Help: "Writes of this replica that the fence refused, since it led no more.",
		}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: replica, Name: "events_written_total",
			Help: "Events that this replica wrote down.",
		}),
		seen: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: replica, Name: "seen_revision",
			Help: "Revision up to which this replica, as the leader, has seen the heartbeats' history; of its last term, 0 before the first.",
		}),
		cursor: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: replica, Name: "cursor_revision",
			Help: "Revision up to which this replica, as the leader, has written roster and events; of its last term, 0 before the first.",
		}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: "etcd", Name: "call_duration_seconds",
			Help:    "Time that calls of etcd took, failed ones included; streams are not in it.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"method"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: "etcd", Name: "call_failures_total",
			Help: "Calls of etcd that failed, and streams that could not be opened, by gRPC status code.",
		}, []string{"method", "code"}),
	}
	for _, cause := range []model.Cause{model.CauseResigned, model.CauseDied, model.CauseExpired, model.CauseDeposed} {
		m.failovers.WithLabelValues(string(cause)) // 0 is a value, too
	}
	m.registry.MustRegister(
		m.failovers, m.deposed, m.refused, m.events, m.seen, m.cursor, m.calls, m.failures,
		buildInfo(version),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func buildInfo(version string) prometheus.Collector {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info",
		Help: "1, with the version of the program and of the Go that built it.",
	}, []string{"version", "goversion"})
	info.WithLabelValues(label(version), runtime.Version()).Set(1)
	return info
}

// LedFrom tells that this replica begins to lead. The first leadership of all is
// no failover.
func (m *Metrics) LedFrom(cause model.Cause) {
	if cause != model.CauseFirst {
		m.failovers.WithLabelValues(string(cause)).Inc()
	}
}

// Deposed tells that a term of this replica has ended against its will.
func (m *Metrics) Deposed() { m.deposed.Inc() }

// Refused tells that the fence refused a write.
func (m *Metrics) Refused() { m.refused.Inc() }

// EventsWritten tells that n more events are written.
func (m *Metrics) EventsWritten(n int) { m.events.Add(float64(n)) }

// Seen tells up to which revision the leader has seen the heartbeats' history.
func (m *Metrics) Seen(revision int64) { m.seen.Set(float64(revision)) }

// Cursor tells up to which revision roster and events are written.
func (m *Metrics) Cursor(revision int64) { m.cursor.Set(float64(revision)) }

// Call tells of a call of etcd; it is an etcd.Config's Trace.
func (m *Metrics) Call(c etcd.Call) {
	if !c.Stream {
		m.calls.WithLabelValues(c.Method).Observe(c.Took.Seconds())
	}
	if c.Err != nil {
		m.failures.WithLabelValues(c.Method, status.Code(c.Err).String()).Inc()
	}
}

// show adds a view, as of each scrape, to what is told.
func (m *Metrics) show(v source, instance string) {
	m.registry.MustRegister(newScraped(v, instance))
}

// handler serves the metrics. A scrape shares its reading with those that come
// while it is being made.
func (m *Metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		// One series that is wrong is told in the log, and costs no other.
		ErrorHandling:  promhttp.ContinueOnError,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		CoalesceGather: true,
	})
}
