package signaler

// Request is a line that a client sends. It is answered by a line: OK, or why not.
type Request string

// The requests.
const (
	Find Request = "FIND" // looks whether the process is there
	Kill Request = "KILL"
	Term Request = "TERM"
	Stop Request = "STOP" // pauses
	Cont Request = "CONT" // goes on
)

// OK is the answer to a request that was fulfilled.
const OK = "ok"

// Command is the subcommand that runs Serve.
const Command = "signal"
