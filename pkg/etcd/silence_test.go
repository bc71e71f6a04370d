package etcd

import (
	"testing"
	"time"
)

// What a process was to hear while it stood still may wait to be read.
func TestSilenceThatNobodyListenedToIsLonger(t *testing.T) {
	t.Parallel()
	const length = 200 * time.Millisecond
	s := newSilence(length)
	defer s.Stop()
	time.Sleep(length + 3*stoodStill)
	<-s.C
	if s.listened() {
		t.Error("a process that stood still is said to have listened")
	}
	again := time.Now()
	<-s.C
	if !s.listened() {
		t.Error("a silence is longer than twice what it was to be")
	}
	if d := time.Since(again); d < length-10*time.Millisecond {
		t.Errorf("listens for %v more", d)
	}

	s.reset(length)
	time.Sleep(length + 3*stoodStill)
	<-s.C
	if s.listened() {
		t.Error("the next silence is not longer")
	}
}
