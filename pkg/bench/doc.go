// Package bench tells how much a cluster carries. Agents runs a fleet of real
// agents, each with its lease, keepalive, config and watch, on invented samples;
// Etcd measures etcd alone, as the yardstick.
//
// It promises that a run ends in time and removes its keys, leases and roster
// entries, whatever ends it; that what a run which was killed leaves ends with its
// leases; and that what was not in time is counted, not left out. It measures from
// one process: what that one cannot make is no load.
package bench
