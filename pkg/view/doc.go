// Package view is the one definition of a node's state. It is fed with what the
// keys in etcd hold, and with the names of the nodes that are expected; it says
// for each node whether it is Alive, Stale, Dead, Left, Invalid or Unknown, and
// why. It does no I/O and asks the clock that it is given.
package view
