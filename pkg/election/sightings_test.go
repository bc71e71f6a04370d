package election

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The watch that Campaign waits on may be with a member that hangs.
func TestAVictoryThatTheCampaignDoesNotNoticeIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSightings()
		var called atomic.Int32
		off := s.whenFirst("own", time.Second, func() { called.Add(1) })
		state := func(known bool, keys ...string) {
			st := State{Known: known}
			for i, key := range keys {
				st.Candidates = append(st.Candidates, Candidate{Key: key, Token: int64(i)})
			}
			s.add(st)
			time.Sleep(2 * time.Second)
		}
		state(true, "other", "own")
		state(false, "own") // known no more
		state(true)
		if called.Load() != 0 {
			t.Error("called without a victory")
		}
		state(true, "own")
		state(true, "own", "other")
		if n := called.Load(); n != 1 {
			t.Errorf("called %d times after a victory", n)
		}
		off()
		state(true, "other")
		state(true, "own")
		if called.Load() != 1 {
			t.Error("called after the end")
		}
	})
}
