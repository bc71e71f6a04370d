package election

import (
	"testing"
	"testing/synctest"
	"time"
)

// What Campaign itself may not notice: the watch that it waits on may be with a
// member that hangs, and its own key it does not watch at all.
func TestACandidateThatIsNotSeenInLineIsTold(t *testing.T) {
	const while = time.Second
	for what, c := range map[string]struct {
		seen []State // the last one for a long time
		want bool
	}{
		"nothing seen":            {},
		"waits":                   {seen: []State{line("other", "own")}},
		"unknown":                 {seen: []State{{Candidates: line("own").Candidates}}},
		"leads":                   {seen: []State{line("other", "own"), line("own")}, want: true},
		"leads, and others come":  {seen: []State{line("own"), line("own", "other")}, want: true},
		"gone":                    {seen: []State{line("other", "own"), line("other")}, want: true},
		"not yet there":           {seen: []State{line("other"), line("other", "own")}},
		"never there":             {seen: []State{line("other")}, want: true},
		"led, and is unknown":     {seen: []State{line("own"), {Candidates: line("own").Candidates}}},
		"gone, and in line again": {seen: []State{line("other", "own"), line(), line("other", "own")}},
		"nobody is there":         {seen: []State{line()}, want: true},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSightings()
				told := 0
				off := s.unlessInLine("own", while, func() { told++ })
				for _, state := range c.seen {
					time.Sleep(while / 2)
					s.add(state)
				}
				time.Sleep(10 * while)
				off()
				s.add(line())
				time.Sleep(10 * while)
				synctest.Wait()
				if want := map[bool]int{true: 1}[c.want]; told != want {
					t.Errorf("told %d times, want %d", told, want)
				}
			})
		})
	}
}

func line(keys ...string) State {
	s := State{Known: true}
	for i, key := range keys {
		s.Candidates = append(s.Candidates, Candidate{Key: key, Token: int64(i + 1)})
	}
	return s
}
