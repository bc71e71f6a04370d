// Package roster is the admin's way to what the aggregators remember of nodes: to
// look a node up there, and to have it forgotten. The leading aggregator alone
// adds to the roster. Forgetting promises never to take a node that reports, nor
// an entry that is not the one that was looked at.
package roster
