package bench

import (
	"sync"
	"time"
)

// window is the time that is measured. It is empty until it is opened, and has no
// end until it is closed.
type window struct {
	mu          sync.RWMutex
	from, until time.Time
}

func (w *window) open(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.from = at
}

func (w *window) close(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = at
}

func (w *window) contains(at time.Time) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return !w.from.IsZero() && !at.Before(w.from) && (w.until.IsZero() || at.Before(w.until))
}

// length is how long the window has been, or was, open.
func (w *window) length(now time.Time) time.Duration {
	w.mu.RLock()
	defer w.mu.RUnlock()
	switch {
	case w.from.IsZero():
		return 0
	case w.until.IsZero():
		return now.Sub(w.from)
	}
	return w.until.Sub(w.from)
}
