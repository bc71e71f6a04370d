package event

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Filter says which events are wanted; the zero Filter takes all.
type Filter struct {
	Since time.Time         // those that happened then or later, by their writers' clocks
	Types []model.EventType // those of one of these types
	// Hosts takes those of one of these hosts; a change of leader or a gap is of none.
	Hosts []string
}

func (f *Filter) takes(e *model.Event) bool {
	return !e.Time.Before(f.Since) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, e.Type)) &&
		(len(f.Hosts) == 0 || slices.Contains(f.Hosts, e.Host))
}

// ParseTypes finds types of event by their names, in upper or lower case.
func ParseTypes(names []string) ([]model.EventType, error) {
	known := TypeNames()
	types := make([]model.EventType, len(names))
	for i, name := range names {
		if types[i] = model.EventType(strings.ToLower(name)); !slices.Contains(known, string(types[i])) {
			return nil, fmt.Errorf("unknown type of event %q; known: %s%s", name, strings.Join(known, ", "), model.DidYouMean(name, known))
		}
	}
	return types, nil
}

// TypeNames lists the names that ParseTypes takes.
func TypeNames() []string {
	types := model.EventTypes()
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return names
}

// ParseSince reads a point in time: how long before now, or a time of RFC 3339.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("must be how long ago, such as 10m or 2h30m, or a time, such as 2025-11-21T12:00:00Z, not %q", text)
	}
	return at, nil
}
