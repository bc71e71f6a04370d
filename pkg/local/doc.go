// Package local runs the cluster on one machine: real etcd members, agents and
// aggregators, each an operating system process of the same binary, all on
// loopback, all written down in one state directory.
//
// It promises:
//   - no process without a record: a process begins to run only once its record
//     is on disk, whatever happens to the command that starts it;
//   - no signal to a stranger: a pid counts only together with the kernel's start
//     time of the process and the boot of the machine;
//   - one command at a time: a second one that changes the cluster is told who is
//     at work, at once;
//   - Down leaves no process and no file.
//
// It is for trying out and for tests. There is no TLS and no auth: whoever has
// an account on the machine can reach their ports. It works on Linux and macOS;
// elsewhere every call returns ErrUnsupported.
package local
