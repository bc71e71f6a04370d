// Package agent is the path from a host's sensors to its heartbeat in etcd.
//
//	sensors ─> sampler ─> newest sample ─> publisher ──txn, lease──> heartbeat key
//	              ^
//	           follower <──list, watch── the host's config and the default config
//
// It promises that the newest sample is the one that is sent: while etcd is away
// it keeps sampling and never builds a queue; that a change of configuration
// takes effect at once, for all its parts together; and that it never writes a
// key that another agent holds.
package agent
