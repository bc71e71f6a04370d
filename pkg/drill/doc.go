// Package drill ends leaders on purpose and measures what comes of it: the raft
// leader of the etcd members, or the leader of the aggregators.
//
// All the while a probe writes and reads through every member, a watch follows
// what it writes, and nodes, roster and events are watched over. Afterwards the
// histories are compared: no acknowledged write may be lost, no read may miss
// one, no watch may leave one out, no node that lives may be shown Dead, no event
// may be lost or written twice, and nothing may be accepted from a leader that
// leads no more. The comparisons are pure functions of the histories.
//
// Whatever ends a drill, what it has ended runs again and its keys are gone, or
// go with their lease. It starts and ends no process itself: Cluster does.
package drill
