// Package signaler sends signals to one process of the pod that it runs in, as
// the client that is connected to it asks. It runs in an ephemeral container, for
// as long as a drill goes on.
//
// It promises that it ends once its client is gone, or after a while in any case,
// and that a process which it has paused goes on by then: a drill that is killed
// leaves nothing behind that somebody has to mend.
//
// It listens on the pod's own loopback address and asks nobody for a name: who
// may open a port-forward to a pod of the members is trusted with them anyway.
package signaler
