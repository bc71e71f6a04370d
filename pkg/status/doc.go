// Package status gathers what a person asks a cluster for: it looks at the
// members, reads the keys once, and puts both together with what the target
// itself knows, into the records that `status`, `nodes`, `members` and `leader`
// show. What one source cannot give does not keep back what the others gave.
package status
