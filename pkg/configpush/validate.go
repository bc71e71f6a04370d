package configpush

import (
	"strconv"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The fields of a config that have a meaning.
const (
	fieldInterval = "interval"
	fieldMetrics  = "metrics"
	fieldTTL      = "ttl"
)

func configFields() []string { return []string{fieldInterval, fieldMetrics, fieldTTL} }

// uniqueKeys reports every key that an object has twice. JSON leaves open which
// of them counts, so the file does not say what its author meant.
func (f *findings) uniqueKeys(n *docNode) {
	first := make(map[string]*docNode)
	for _, c := range n.children {
		f.uniqueKeys(c)
		if n.kind != kindObject {
			continue
		}
		if before, ok := first[c.key]; ok {
			f.ofKey(c, "duplicate key %s, first on line %d", clippedQuote(c.key), before.keyAt.line)
		} else {
			first[c.key] = c
		}
	}
}

// config checks one config and returns its entry.
func (f *findings) config(n *docNode) Entry {
	f.checkConfig(n)
	if len(f.problems) > 0 {
		return Entry{}
	}
	e := Entry{JSON: n.json()}
	var err error
	if e.Config, err = model.DecodeConfig(e.JSON); err != nil {
		f.of(n, "%v", err) // no agent would take it all the same, such as for its size as JSON
	}
	return e
}

func (f *findings) checkConfig(n *docNode) {
	if !f.isKind(n, kindObject, "a config must be an object") {
		return
	}
	for _, c := range n.children {
		switch c.key {
		case fieldInterval:
			f.number(c, model.CheckInterval)
		case fieldTTL:
			f.number(c, model.CheckTTL)
		case fieldMetrics:
			f.metrics(c)
		default:
			f.unknownField(c, configFields(), "is stored as it is")
		}
	}
}

// isKind reports whether n is of a kind, and says that it must be if it is not.
func (f *findings) isKind(n *docNode, kind docKind, must string) bool {
	if n.kind != kind && n.kind != kindRefused {
		f.of(n, "%s, not %s", must, n.describe())
	}
	return n.kind == kind
}

func (f *findings) number(n *docNode, check func(float64) error) {
	if !f.isKind(n, kindNumber, n.key+" must be a number") {
		return
	}
	// Beyond the range of a float64 it is ±Inf, which no check lets through.
	v, _ := strconv.ParseFloat(n.text, 64)
	if err := check(v); err != nil {
		f.of(n, "%v", err)
	}
}

func (f *findings) metrics(n *docNode) {
	if !f.isKind(n, kindList, n.key+" must be a list of names") {
		return
	}
	seen := make(map[string]bool)
	for _, c := range n.children {
		switch {
		case !f.isKind(c, kindString, "a metric must be a name"):
		case seen[c.text]:
			f.of(c, "metric %s is listed twice", clippedQuote(c.text))
		default:
			seen[c.text] = true
			f.metric(c)
		}
	}
}

func (f *findings) metric(n *docNode) {
	if err := model.CheckMetric(clipped(n.text)); err != nil {
		f.of(n, "%v%s", err, model.DidYouMean(n.text, model.MetricNames()))
	}
}

func (f *findings) unknownField(n *docNode, known []string, fate string) {
	f.warnOfKey(n, "unknown field %s %s%s", clippedQuote(n.key), fate, model.DidYouMean(n.key, known))
}
