//go:build !node && (linux || darwin)

package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSecondCommandIsToldWhoIsAtWork(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	l, err := c.acquire(t.Context(), upCommand, true)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, up := c.Up(t.Context(), UpOptions{Members: 1, Agents: 0})
	_, down := c.Down(t.Context(), DownOptions{})
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v to say so", took)
	}
	for _, err := range []error{up, down} {
		var busy *BusyError
		if !errors.As(err, &busy) || busy.PID != os.Getpid() || busy.Command != upCommand {
			t.Errorf("%v", err)
		}
	}
	l.release()
	wantNothing(t, c)
}

// The lock's file goes away with every release, and the directory too: nobody
// may come in by a lock that is no longer there.
func TestLockHoldsWhileItsFileComesAndGoes(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var inside, rounds atomic.Int32
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for ctx.Err() == nil {
				l, err := c.acquire(ctx, upCommand, true)
				var busy *BusyError
				switch {
				case errors.As(err, &busy) || ctx.Err() != nil && errors.Is(err, ctx.Err()):
					continue
				case err != nil:
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d at work at once", n)
				}
				rounds.Add(1)
				inside.Add(-1)
				l.release()
			}
		})
	}
	group.Wait()
	if rounds.Load() < 10 {
		t.Errorf("only %d rounds", rounds.Load())
	}
	wantNothing(t, c)
}

func TestReplacedLockFileIsNoLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), lockFile)
	old, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = old.Close() }()
	for _, replace := range []func() error{
		func() error { return os.Remove(path) },
		func() error { return os.WriteFile(path, nil, fileMode) },
	} {
		if err := replace(); err != nil {
			t.Fatal(err)
		}
		if held, err := takeLock(old, path, upCommand); held || err != nil {
			t.Errorf("take: %v, %v", held, err)
		}
	}
}
