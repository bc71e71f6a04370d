package configpush

import (
	"context"
	"errors"
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
	if c.Expected == c.Actual {
		return fmt.Sprintf("config %q: changed and changed back meanwhile, by %s", c.Host, by)
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

// conflict finds out who was faster than a push; host is one of those it would
// have written.
func (s *Store) conflict(ctx context.Context, p *Plan, host string) error {
	wanted := make([]Wanted, len(p.Changes))
	for i, c := range p.Changes {
		wanted[i] = c.Wanted
		wanted[i].Base = &c.BeforeRevision
	}
	now, err := s.Plan(ctx, wanted)
	if err == nil {
		return cameAndWent(p, now, host)
	}
	if conflict, ok := errors.AsType[*ConflictError](err); ok {
		return conflict
	}
	return fmt.Errorf("push config %q: nothing written, something has changed meanwhile: %w", host, err)
}

// cameAndWent is the conflict of configs that are again as a push expected them:
// only their logs tell that there was something else.
func cameAndWent(before, now *Plan, host string) *ConflictError {
	e := &ConflictError{Now: now}
	for i := range now.Changes {
		if c := &now.Changes[i]; c.seq != before.Changes[i].seq {
			e.Conflicts = append(e.Conflicts, Conflict{Host: c.Host, Expected: c.BeforeRevision, Actual: c.BeforeRevision, Author: c.Author})
		}
	}
	if len(e.Conflicts) == 0 { // by a client that leaves no log entry
		e.Conflicts = []Conflict{{Host: host}}
	}
	return e
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
		return fmt.Sprintf("nothing written: %d hosts are more than this server takes in one txn (its --max-txn-ops): push fewer at a time", e.Hosts)
	}
	return fmt.Sprintf("nothing written: %d hosts in one push, at most %d are allowed: push fewer at a time, or the default config", e.Hosts, e.Limit)
}
