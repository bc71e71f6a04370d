package model

import "testing"

// ours is a heartbeat as our agents send it.
const ours = `{"status":"alive","ts":1763690000.123,"host":"node-1","owner":"4c4c4544","boot":"b1","seq":7,` +
	`"interval":10,"silence":25,"ttl":5,"config_rev":42,"version":"v0.1.0",` +
	`"metrics":{"cpu":12.5,"memory":40,"disk read":0,"disk write":1024,"net in":3,"net out":4}}`

func BenchmarkDecodeHeartbeat(b *testing.B) {
	data := []byte(ours)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeHeartbeat(data); err != nil {
			b.Fatal(err)
		}
	}
}
