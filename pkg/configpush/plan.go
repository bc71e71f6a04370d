package configpush

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// MaxHosts is how many hosts one push may change.
const MaxHosts = 500

// Wanted is what one host's config should become.
type Wanted struct {
	Host   string
	JSON   []byte // stored as it is
	Delete bool   // no config at all
	// Base is the revision that the change was made from, 0 for no config; nil
	// means the one that the plan finds.
	Base *int64
}

// Plan is a push that was looked at and not made yet.
type Plan struct {
	Changes []Change
}

// Change is the change of one host's config.
type Change struct {
	Wanted
	Before         []byte // what is stored; nil for none, which an empty value is not
	BeforeRevision int64  // its mod revision; 0 for none
	Author         Author // who stored it

	seq int64 // of the last log entry
}

// Same reports whether the change changes nothing.
func (c *Change) Same() bool {
	if c.Delete {
		return c.Before == nil
	}
	return c.Before != nil && sameJSON(c.Before, c.JSON)
}

// Same reports whether the whole plan changes nothing.
func (p *Plan) Same() bool {
	for i := range p.Changes {
		if !p.Changes[i].Same() {
			return false
		}
	}
	return true
}

// Plan compares what is wanted with what is stored, each host once. A base that
// is not the stored revision any more is a *ConflictError, and more than MaxHosts
// hosts are a *TooManyError.
func (s *Store) Plan(ctx context.Context, wanted []Wanted) (*Plan, error) {
	if len(wanted) > MaxHosts {
		return nil, &TooManyError{Hosts: len(wanted), Limit: MaxHosts}
	}
	hosts := make([]string, len(wanted))
	for i, w := range wanted {
		if slices.Contains(hosts[:i], w.Host) {
			return nil, fmt.Errorf("plan push: host %q is named twice", w.Host)
		}
		hosts[i] = w.Host
	}
	current, err := s.current(ctx, hosts)
	if err != nil {
		return nil, err
	}
	p := &Plan{Changes: make([]Change, len(wanted))}
	var conflicts []Conflict
	for i, w := range wanted {
		e := &current[i]
		seq, err := e.seq()
		if err != nil {
			return nil, fmt.Errorf("plan config %q: %w", w.Host, err)
		}
		c := Change{Wanted: w, Before: e.value(), BeforeRevision: e.revision(), Author: e.author(), seq: seq}
		if w.Base != nil && *w.Base != c.BeforeRevision {
			conflicts = append(conflicts, Conflict{Host: w.Host, Expected: *w.Base, Actual: c.BeforeRevision, Author: e.authorSince(*w.Base)})
		}
		p.Changes[i] = c
	}
	if len(conflicts) > 0 {
		return nil, &ConflictError{Conflicts: conflicts, Now: p}
	}
	return p, nil
}

// sameJSON reports whether two texts mean the same JSON: the same values under
// the same keys, numbers by their digits.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	va, errA := decode(a)
	vb, errB := decode(b)
	return errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}

func decode(data []byte) (any, error) {
	if !json.Valid(data) {
		return nil, errors.New("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
