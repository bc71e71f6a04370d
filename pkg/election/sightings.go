package election

import (
	"slices"
	"sync"
	"time"
)

// sightings are what the observer has seen, for a candidate to act upon.
type sightings struct {
	mu    sync.Mutex
	last  State
	hooks map[*hook]struct{}
}

type hook struct{ told func(State) }

func newSightings() *sightings { return &sightings{hooks: make(map[*hook]struct{})} }

func (s *sightings) add(state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = state
	for h := range s.hooks {
		h.told(state)
	}
}

// on calls told with the last state and every one after it, until off is called.
func (s *sightings) on(told func(State)) (off func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &hook{told}
	s.hooks[h] = struct{}{}
	told(s.last)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.hooks, h)
	}
}

// unlessInLine calls f once the key of a candidate has not been seen behind
// another one for a while: it leads, or it stands in line no more, or not yet.
func (s *sightings) unlessInLine(key string, while time.Duration, f func()) (off func()) {
	var timer *time.Timer
	unhook := s.on(func(state State) {
		place := slices.IndexFunc(state.Candidates, func(c Candidate) bool { return c.Key == key })
		switch out := state.Known && place < 1; {
		case out && timer == nil:
			timer = time.AfterFunc(while, f)
		case !out && timer != nil:
			timer.Stop()
			timer = nil
		}
	})
	return func() {
		unhook()
		if timer != nil {
			timer.Stop()
		}
	}
}

// whenNotFirst calls f when the key with a token is seen not to be the leader's,
// as of a revision at which it was there.
func (s *sightings) whenNotFirst(key string, token int64, f func()) (off func()) {
	return s.on(func(state State) {
		leader, ok := state.Leader()
		if state.Known && state.Revision >= token && !(ok && leader.Key == key && leader.Token == token) {
			f()
		}
	})
}
