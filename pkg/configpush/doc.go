// Package configpush reads and writes the agents' configuration.
//
//	file ─ParseDocument─> wanted ─Plan─> diff ─Push─> one txn: configs and their log ─Tracker─> applied by agents
//
// It promises that a push is all or nothing, that it never writes over a
// revision which its plan has not seen, that it leaves an entry in the config
// log, and that its outcome is known unless it says otherwise.
package configpush
