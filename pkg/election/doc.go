// Package election elects one leader among candidates, on etcd's
// concurrency.Session and concurrency.Election, and guards what these leave open.
//
// A leader's token is the create revision of its key. Whatever a leader writes is
// a txn that compares it (Term.Commit), so what a paused, cut-off or deposed
// leader writes is refused: there is one effective leader at most. Time is for
// liveness alone.
//
// Not trusted: that Campaign returns only to a candidate with a key (etcd#19597),
// that it returns at all once its session is dead, that a session's end is told
// in time, and that a leader's key stays where it is.
package election
