package configpush

import (
	"fmt"
	"strings"
	"time"
)

// Conflict tells that a host's config is not what a push was made from.
type Conflict struct {
	Host             string
	Expected, Actual int64 // mod revisions; 0 for no config
	Author           Author
}

func (c Conflict) String() string {
	by := "an unknown client"
	if c.Author.By != "" {
		by = fmt.Sprintf("%s at %s", c.Author.By, c.Author.At.Local().Format(time.DateTime))
	}
	if c.Author.Message != "" {
		by += fmt.Sprintf(" (%q)", c.Author.Message)
	}
	return fmt.Sprintf("config %q: expected revision %d, found %d, changed by %s", c.Host, c.Expected, c.Actual, by)
}

// ConflictError tells that a push wrote nothing, because of what others did
// meanwhile.
type ConflictError struct {
	Conflicts []Conflict
	// Now is the same push as of now, for its diff.
	Now *Plan
}

func (e *ConflictError) Error() string {
	texts := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		texts[i] = c.String()
	}
	return "nothing written: " + strings.Join(texts, "; ")
}

// UnknownOutcomeError tells that a push may have been made or not.
type UnknownOutcomeError struct {
	ID   string // the operation's id in the config log
	Host string // one of the hosts
	Err  error
}

func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("push config %q: it may have been written or not (operation %s): %v", e.Host, e.ID, e.Err)
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// TooManyError tells that a push has more hosts than one txn may change.
type TooManyError struct {
	Hosts, Limit int
	// ByServer tells that the limit is the server's (--max-txn-ops), not ours.
	ByServer bool
}

func (e *TooManyError) Error() string {
	if e.ByServer {
		return fmt.Sprintf("nothing written: %d hosts are more than this server takes in one txn (its --max-txn-ops)", e.Hosts)
	}
	return fmt.Sprintf("nothing written: %d hosts in one push, at most %d are allowed", e.Hosts, e.Limit)
}
