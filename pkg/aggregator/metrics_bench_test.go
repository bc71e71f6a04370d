package aggregator

import (
	"net/http"
	"testing"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/internal/testcluster"
)

const manyNodes = 10_000

// BenchmarkScrape10000Nodes scrapes a view of ten thousand nodes that live, as
// Prometheus does and without compression.
func BenchmarkScrape10000Nodes(b *testing.B) {
	c := testcluster.Start(b, 1)
	fleet(b, c, manyNodes)
	r := serving(b, seeing(b, c))
	for name, encoding := range map[string]string{"gzip": "gzip", "plain": "identity"} {
		b.Run(name, func(b *testing.B) {
			header := http.Header{"Accept-Encoding": {encoding}}
			size := 0
			b.ReportAllocs()
			for b.Loop() {
				_, body := r.do(b, http.MethodGet, "/metrics", header)
				size = len(body)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/scrape")
			b.ReportMetric(float64(size)/(1<<20), "MiB")
		})
	}
}

// BenchmarkNodes10000 asks the API for ten thousand nodes.
func BenchmarkNodes10000(b *testing.B) {
	c := testcluster.Start(b, 1)
	fleet(b, c, manyNodes)
	r := serving(b, seeing(b, c))
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		_, body := r.get(b, "/api/v1/nodes")
		size = len(body)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/answer")
	b.ReportMetric(float64(size)/(1<<20), "MiB")
}
