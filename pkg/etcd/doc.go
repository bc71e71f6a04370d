// Package etcd is the etcd client with the rules of the house. It promises that
// no call blocks for ever, that a lease is kept over the loss of any one member
// (Lease), that a follower of keys misses no change over compaction and
// reconnection (Follow), that one silent member does not hold up a read (Pool), and
// costs a client one other call (Client). It does not hide clientv3: Client embeds one.
package etcd
