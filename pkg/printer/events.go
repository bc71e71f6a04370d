package printer

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

func eventsForm(r *model.EventList) form {
	data := *r
	data.Items = nonNil(r.Items)
	names := make([]string, len(r.Items))
	for i := range r.Items {
		names[i] = fmt.Sprintf("event/%d", r.Items[i].Seq)
	}
	return form{
		text: func(b *bytes.Buffer, o Options) error {
			return tableOf(r.Items, eventColumns(r.ObservedAt), o.wide()).write(b, o)
		},
		names: names,
		data:  &data,
	}
}

// eventTime shows the millisecond: a change of leader takes less than a second.
const eventTime = "2006-01-02T15:04:05.000Z"

// eventColumns begin with the age of each event as of a time. Where that is zero
// they begin with the event's own time: rows that are not drawn anew have no age.
func eventColumns(observed time.Time) []column[model.Event] {
	columns := []column[model.Event]{{
		name: "AGE", cell: timed(func(at time.Time) string { return humanAge(observed.Sub(at).Seconds()) }),
	}, {
		name: "TIME", wide: true, cell: timed(func(at time.Time) string { return at.UTC().Format(eventTime) }),
	}}
	if observed.IsZero() {
		columns = columns[1:]
		columns[0].wide = false
	}
	return append(columns,
		column[model.Event]{name: "TYPE", look: state, cell: func(e *model.Event) string { return string(e.Type) }},
		column[model.Event]{name: "HOST", look: name, cell: func(e *model.Event) string { return e.Host }},
		column[model.Event]{name: "SEQ", wide: true, cell: func(e *model.Event) string { return revision(e.Seq) }},
		column[model.Event]{name: "TERM", wide: true, cell: func(e *model.Event) string { return revision(e.Term) }},
		column[model.Event]{name: "BY", look: text, wide: true, cell: func(e *model.Event) string { return e.By }},
		column[model.Event]{name: "REVISION", wide: true, cell: func(e *model.Event) string { return revision(e.Revision) }},
		column[model.Event]{name: "REASON", look: text, cell: eventWords},
	)
}

// timed shows the time of an event that has one.
func timed(show func(time.Time) string) func(*model.Event) string {
	return func(e *model.Event) string {
		if e.Time.IsZero() {
			return ""
		}
		return show(e.Time)
	}
}

// eventWords says what has happened, beyond its type.
func eventWords(e *model.Event) string {
	switch e.Type {
	case model.EventApplied:
		return withReason(configWords(e.Config), e.Reason)
	case model.EventRejected:
		return withReason(configWords(e.Config)+" stays in force", e.Reason)
	case model.EventLeader:
		return withReason(leaderWords(e), e.Reason)
	case model.EventGap:
		return fmt.Sprintf("what happened between revisions %d and %d is not known in detail", e.From, e.To)
	}
	return e.Reason
}

// configWords name a config by its revision; it is 0 where nothing was ever stored.
func configWords(revision int64) string {
	if revision == 0 {
		return "the built-in config"
	}
	return fmt.Sprintf("config revision %d", revision)
}

func withReason(words, reason string) string {
	if reason == "" {
		return words
	}
	return words + ": " + reason
}

// leaderWords says who leads after whom, why, and for how long nobody did.
func leaderWords(e *model.Event) string {
	var b strings.Builder
	b.WriteString(orUnknown(e.Leader) + " leads")
	before, its := e.Previous, e.Previous+"'s"
	switch before {
	case "":
		before, its = "the one before", "a"
	case e.Leader:
		b.WriteString(" again")
		before, its = "it", "its"
	}
	switch e.Cause {
	case model.CauseFirst:
		b.WriteString(", the first to do so")
	case model.CauseResigned, model.CauseDied:
		fmt.Fprintf(&b, " after %s %s", before, e.Cause)
	case model.CauseDeposed:
		fmt.Fprintf(&b, " after %s was deposed", before)
	case model.CauseExpired:
		fmt.Fprintf(&b, " after %s lease expired", its)
	default:
		if e.Previous != "" {
			fmt.Fprintf(&b, " after %s", before)
		}
	}
	if e.Without != nil && *e.Without >= 0 && !math.IsInf(*e.Without, 0) {
		b.WriteString(", " + humanGap(*e.Without) + " without a leader")
	}
	return b.String()
}
