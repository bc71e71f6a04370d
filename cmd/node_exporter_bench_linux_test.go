package cmd_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

const nodeExporter = "prometheus-node-exporter"

// BenchmarkAgentBesideNodeExporter runs the agent as containers have it, at an
// interval of 1 s, and at the same time Debian's prometheus-node-exporter, which
// is scraped every second. It reports the processor time of each heartbeat and of
// each scrape, and the memory that each of the two has in the end.
func BenchmarkAgentBesideNodeExporter(b *testing.B) {
	if _, err := exec.LookPath(nodeExporter); err != nil {
		b.Skip(nodeExporter + " is not installed")
	}
	const (
		host   = "measured"
		warmUp = 5 * time.Second
		scrape = time.Second
		window = 30
	)
	node := build(b, "node", "github.com/kubectl-monitor/kubectl-monitor", "-tags", "node")
	c := upped(b, build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor"), "--agents", "0", "--aggregators", "0")
	urls := c.memberURLs(b)
	c.run("config", "set", "--host", host, "interval=1", "--yes")
	address := freeAddress(b)
	agent := c.command(node, "agent", "--endpoints", urls, "--host", host)
	exporter := c.command(nodeExporter, "--web.listen-address="+address)
	for _, e := range []*exec.Cmd{agent, exporter} {
		if err := e.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = e.Process.Signal(os.Interrupt)
			_ = e.Wait() // interrupted
		})
	}
	time.Sleep(warmUp)

	client, err := etcd.New(etcd.Config{Endpoints: strings.Split(urls, ",")})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	sent := func() float64 {
		resp, err := client.Get(b.Context(), keys.Heartbeat(host))
		if err != nil || len(resp.Kvs) == 0 {
			b.Fatalf("read the agent's heartbeat: %v", err)
		}
		var hb model.Heartbeat
		if err := json.Unmarshal(resp.Kvs[0].Value, &hb); err != nil {
			b.Fatal(err)
		}
		return float64(hb.Seq)
	}
	agentBefore, exporterBefore, sentBefore := processorTime(b, agent), processorTime(b, exporter), sent()
	tick := time.NewTicker(scrape)
	defer tick.Stop()
	for range window {
		<-tick.C
		resp, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			b.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1000*(processorTime(b, agent)-agentBefore)/(sent()-sentBefore), "ms/heartbeat")
	b.ReportMetric(1000*(processorTime(b, exporter)-exporterBefore)/window, "ms/scrape")
	for name, c := range map[string]*exec.Cmd{"agent": agent, "exporter": exporter} {
		resident, own := memory(b, c)
		b.ReportMetric(float64(resident)/1e6, "MB-"+name)
		b.ReportMetric(float64(own)/1e6, "MB-own-"+name)
	}
}

// memory is what a running process has resident, and how much of it is its own
// and not pages of its program's file, which it shares; in bytes.
func memory(b *testing.B, c *exec.Cmd) (resident, own uint64) {
	b.Helper()
	p, err := procfs.NewProc(c.Process.Pid)
	if err != nil {
		b.Fatal(err)
	}
	s, err := p.NewStatus()
	if err != nil {
		b.Fatal(err)
	}
	return s.VmRSS, s.RssAnon
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
