// Package members tells how the etcd members are: what each says of itself, what
// the cluster says of all, and why one that does not answer does not. A member
// is never left out because it is down.
package members
