package event

import "fmt"

// Span is a row of events by their numbers, both ends included; the zero Span has
// none.
type Span struct{ From, To int64 }

// Len is the number of events.
func (s Span) Len() int64 {
	if s.From == 0 {
		return 0
	}
	return s.To - s.From + 1
}

func (s Span) String() string {
	if s.From == s.To {
		return fmt.Sprintf("event %d", s.From)
	}
	return fmt.Sprintf("events %d to %d", s.From, s.To)
}
