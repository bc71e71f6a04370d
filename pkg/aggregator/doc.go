// Package aggregator keeps the global view of a cluster. Of several replicas
// each follows the nodes and serves what it sees over HTTP; one leads, and alone
// writes down what only somebody who was there all the time can know: the roster,
// the events and a summary.
//
// The leader is a reducer. What it writes follows from the heartbeats' history
// alone, each txn is fenced by the leader's token and moves the cursor together
// with what it writes, so the next leader goes on where the last one ended:
// no event is lost or written twice, however a leader ends.
package aggregator
