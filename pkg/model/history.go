package model

import "time"

// KindConfigHistory is the kind of ConfigHistory.
const KindConfigHistory = "ConfigHistory"

// ConfigHistory is what `config history` shows: what is still known of the
// changes of one host's config, the newest first.
type ConfigHistory struct {
	TypeMeta `json:",inline"`
	Host     string           `json:"host"`
	Items    []ConfigRevision `json:"items"`
}

// ConfigRevision is one change of a config. Of a change by a client that leaves
// no entry in the config log, only what etcd itself still knows is there.
type ConfigRevision struct {
	// Revision is the mod revision that the change made; 0 for a deletion by such
	// a client, which etcd keeps no trace of.
	Revision int64 `json:"revision"`
	// Seq is the number of the log entry; 0 if there is none.
	Seq     int64      `json:"seq,omitempty"`
	ID      string     `json:"id,omitempty"`      // the operation's id in the log
	By      string     `json:"by,omitempty"`      // user@host; empty for an unknown client
	At      *time.Time `json:"at,omitempty"`      // by the client's clock; nil if unknown
	Message string     `json:"message,omitempty"` // the admin's words
	// Before is the revision that was replaced, 0 for no config; nil if unknown.
	Before  *int64 `json:"before"`
	Deleted bool   `json:"deleted,omitempty"`
	// Value is what was stored, to the byte; nil for a deletion, and where it is
	// compacted away.
	Value  *string `json:"value"`
	Change string  `json:"change"` // in words: "interval 10 -> 2"
}
