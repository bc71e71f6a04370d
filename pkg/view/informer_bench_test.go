package view

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"k8s.io/client-go/tools/cache"
)

// object is what an informer of heartbeats would store.
type object struct {
	name      string
	heartbeat struct {
		Status    string             `json:"status"`
		TS        float64            `json:"ts"`
		Owner     string             `json:"owner"`
		Boot      string             `json:"boot"`
		Seq       uint64             `json:"seq"`
		Interval  float64            `json:"interval"`
		Silence   float64            `json:"silence"`
		TTL       int64              `json:"ttl"`
		ConfigRev int64              `json:"config_rev"`
		Version   string             `json:"version"`
		Metrics   map[string]float64 `json:"metrics"`
	}
}

func nameOf(obj any) (string, error) {
	o, ok := obj.(*object)
	if !ok {
		return "", fmt.Errorf("%T is no object", obj)
	}
	return o.name, nil
}

// BenchmarkHeartbeatsOf10000 takes the heartbeats of 10,000 nodes, each with new
// values: into the view, and, as the yardstick, with encoding/json into the store
// of a client-go informer, which says nothing of states.
func BenchmarkHeartbeatsOf10000(b *testing.B) {
	_, names, value := fleet()
	run := func(b *testing.B, fill func() (put func(name string), kept any)) {
		b.Helper()
		before := heap()
		put, kept := fill()
		for _, name := range names {
			put(name)
		}
		used := heap() - before
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			put(names[i%len(names)])
			i++
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "heartbeats/s")
		b.ReportMetric(float64(used)/float64(len(names)), "B/node")
		runtime.KeepAlive(kept)
	}
	b.Run("view", func(b *testing.B) {
		run(b, func() (func(string), any) {
			v := New(time.Now)
			return func(name string) { v.PutHeartbeat(name, nil, Heartbeat{Value: value, Leased: true}) }, v
		})
	})
	b.Run("informer", func(b *testing.B) {
		run(b, func() (func(string), any) {
			store := cache.NewStore(nameOf)
			return func(name string) {
				o := &object{name: name}
				if err := json.Unmarshal(value, &o.heartbeat); err != nil {
					b.Fatal(err)
				}
				if err := store.Update(o); err != nil {
					b.Fatal(err)
				}
			}, store
		})
	})
}

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
