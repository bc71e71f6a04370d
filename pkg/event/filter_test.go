package event_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/event"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func TestTypesAreFoundByName(t *testing.T) {
	t.Parallel()
	types, err := event.ParseTypes([]string{"died", "Returned"})
	if err != nil || !slices.Equal(types, []model.EventType{model.EventDied, model.EventReturned}) {
		t.Errorf("%v, %v", types, err)
	}
	const known = "known: joined, left, died, returned, applied, rejected, leader, gap"
	for name, want := range map[string]string{
		"did":  `unknown type of event "did"; ` + known + `; did you mean "died"?`,
		"lost": `unknown type of event "lost"; ` + known,
		"":     `unknown type of event ""; ` + known,
	} {
		if _, err := event.ParseTypes([]string{"died", name}); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

func TestSinceIsADurationOrATime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"10m":                       noon.Add(-10 * time.Minute),
		"1h30m":                     noon.Add(-90 * time.Minute),
		"2025-11-20T23:00:00Z":      noon.Add(-13 * time.Hour),
		"2025-11-21T13:00:00+02:00": noon.Add(-time.Hour),
	} {
		if got, err := event.ParseSince(text, noon); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-10m", "0s", "10", "yesterday", "2025-11-21"} {
		if got, err := event.ParseSince(text, noon); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
