package view

import (
	"fmt"
	"testing"
	"time"
)

const benchNodes = 10_000

// ours is a heartbeat as our agents send it.
func ours(ts float64, seq int) []byte {
	return fmt.Appendf(nil, `{"status":"alive","ts":%.3f,"owner":"4c4c4544","boot":"b1","seq":%d,"interval":10,"silence":25,"ttl":5,`+
		`"config_rev":42,"version":"v0.1.0","metrics":{"cpu":12.5,"memory":40,"disk read":0,"disk write":1024,"net in":3,"net out":4}}`, ts, seq)
}

// fleet is a view of benchNodes live nodes.
func fleet() (*View, []string, []byte) {
	v := New(time.Now)
	names := make([]string, benchNodes)
	value := ours(float64(time.Now().Unix()), 1)
	for i := range names {
		names[i] = fmt.Sprintf("node-%d", i)
		v.PutHeartbeat(names[i], nil, Heartbeat{Value: value, Leased: true})
	}
	return v, names, value
}

func BenchmarkApplyHeartbeat(b *testing.B) {
	v, names, value := fleet()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		v.PutHeartbeat(names[i%benchNodes], nil, Heartbeat{Value: value, Leased: true})
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "heartbeats/s")
}

func BenchmarkNodes10000(b *testing.B) {
	v, _, _ := fleet()
	b.ReportAllocs()
	for b.Loop() {
		if got := len(v.Nodes()); got != benchNodes {
			b.Fatalf("%d nodes", got)
		}
	}
}

// Whoever feeds the view does not wait while somebody reads the whole fleet all
// the time: a put takes a fraction of the time of a read.
func BenchmarkApplyWhileRead(b *testing.B) {
	v, names, value := fleet()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				v.Nodes()
			}
		}
	}()
	i := 0
	for b.Loop() {
		v.PutHeartbeat(names[i%benchNodes], nil, Heartbeat{Value: value, Leased: true})
		i++
	}
	close(stop)
	<-stopped
}
