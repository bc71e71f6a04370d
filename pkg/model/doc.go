// Package model holds the records that kubectl-monitor keeps in etcd and the
// records it shows, with the rules that make one valid. It is plain data: no
// I/O, no clock, no goroutines. Every other package speaks in these types.
package model
