package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// BenchmarkHalved loads the local cluster with more heartbeats than two cores carry, by two
// fleets, ends one of them, and tells how long it takes then until the nodes of the other
// are all Alive and fewer than one in a hundred of their heartbeats is late.
func BenchmarkHalved(b *testing.B) {
	const (
		half       = 2000
		interval   = time.Second
		overloaded = 20 * time.Second
		wellAgain  = 10 * time.Second
	)
	c := upped(b, build(b, "kubectl-monitor", "github.com/kubectl-monitor/kubectl-monitor"), "--agents", "0")
	nodes := func(prefix string) reporting { return c.reporting(prefix, interval) }
	stays := c.fleet(half, interval)
	c.wait("one fleet", func() bool { return nodes("").all == half })
	kept := nodes("").prefix
	goes := c.fleet(half, interval)
	c.wait("both fleets", func() bool { return nodes("").all == 2*half })
	time.Sleep(overloaded)
	over := nodes("")
	if over.late < half/100 {
		b.Fatalf("%d of %d heartbeats are late: that is no overload", over.late, over.all)
	}

	goes.interrupt()
	told := time.Now()
	var halved, alive time.Duration // since then
	c.wait("the fleet that stays to be well", func() bool {
		now := time.Since(told)
		if halved == 0 {
			if nodes("").all <= half {
				halved = now
			}
			return false
		}
		k := nodes(kept)
		if alive == 0 && k.alive == half {
			alive = now
		}
		return k.alive == half && k.late < half/100
	})
	inTime := time.Since(told)
	goes.record()
	stays.interrupt()
	dead := stays.record().Nodes
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*float64(over.late)/float64(over.all), "%late-before")
	b.ReportMetric(halved.Seconds(), "s-until-halved")
	b.ReportMetric((alive - halved).Seconds(), "s-until-alive")
	b.ReportMetric((inTime - halved).Seconds(), "s-until-in-time")
	b.ReportMetric(float64(dead.FalselyDead), "nodes-dead")
	if dead.FalselyDead > 0 || inTime-halved > wellAgain {
		b.Errorf("well again %v after the load was halved; shown Dead: %q", inTime-halved, dead.Details)
	}
}

// runningFleet is a load that lasts until it is interrupted.
type runningFleet struct {
	*cluster
	command *exec.Cmd
	out     bytes.Buffer
}

func (c *cluster) fleet(count int, interval time.Duration) *runningFleet {
	c.Helper()
	f := &runningFleet{cluster: c, command: c.command(c.program, "bench", "agents", "--count", fmt.Sprint(count), "--interval", interval.String(), "--duration", "10m", "-o", "json")}
	f.command.Stdout = &f.out
	if err := f.command.Start(); err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { _ = f.command.Process.Kill() }) // if it still runs
	return f
}

// interrupt ends the load.
func (f *runningFleet) interrupt() {
	f.Helper()
	if err := f.command.Process.Signal(os.Interrupt); err != nil {
		f.Fatal(err)
	}
}

// record waits until all that the load wrote is removed, and returns its record.
func (f *runningFleet) record() (r model.BenchAgents) {
	f.Helper()
	end := f.command.Wait()
	if err := json.Unmarshal(f.out.Bytes(), &r); err != nil {
		f.Fatalf("read the record: %v, %v", end, err)
	}
	return r
}

// wait asks until something is so, for two minutes.
func (c *cluster) wait(what string, so func() bool) {
	c.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); {
		if time.Now().After(end) {
			c.Fatalf("waited two minutes for %s", what)
		}
	}
}

// reporting counts nodes that are not Dead: all, those Alive, and those whose heartbeat is
// older than one and a half intervals.
type reporting struct {
	all, alive, late int
	prefix           string // of one of their names, up to its number
}

// reporting counts the nodes whose names begin so, as `nodes` shows them.
func (c *cluster) reporting(prefix string, interval time.Duration) (r reporting) {
	c.Helper()
	var list model.NodeList
	c.decode(&list, "nodes", "-o", "json")
	for _, n := range list.Items {
		if n.State == model.NodeDead || n.Age == nil || !strings.HasPrefix(n.Name, prefix) {
			continue
		}
		r.all++
		if n.State == model.NodeAlive {
			r.alive++
		}
		if model.Seconds(*n.Age) > interval*3/2 {
			r.late++
		}
		r.prefix = n.Name[:strings.LastIndex(n.Name, "-")+1]
	}
	return r
}
