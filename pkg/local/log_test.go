//go:build !node && (linux || darwin)

package local

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTailIsTheLastLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"a\nb\nc\n", 2, "b\nc\n"},
		{"a\nb\nc", 2, "b\nc"},
		{"a\nb\n", 5, "a\nb\n"},
		{"a\n\n", 1, "\n"},
		{"a\n", 0, ""},
		{"a\nb\n", -1, "a\nb\n"},
		{"", 3, ""},
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(tt.text), fileMode); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := writeLog(t.Context(), &got, path, LogOptions{Tail: tt.n}); err != nil || got.String() != tt.want {
			t.Errorf("last %d of %q: %q, %v; want %q", tt.n, tt.text, got.String(), err, tt.want)
		}
	}
}

func TestFollowGoesOnAfterTheLogWasSetAside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	add := func(text string) {
		t.Helper()
		f, err := openLog(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(within(t, 10*time.Second))
	ended := make(chan error, 1)
	go func() {
		ended <- writeLog(ctx, w, path, LogOptions{Tail: -1, Follow: true})
		_ = w.Close()
	}()
	want := func(text string) {
		t.Helper()
		got := make([]byte, len(text))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != text {
			t.Fatalf("read %q, %v; want %q", got, err, text)
		}
	}
	add("one\n")
	want("one\n")
	add("two\n")
	if err := os.Rename(path, rotated(path)); err != nil {
		t.Fatal(err)
	}
	add("three\n")
	want("two\nthree\n")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("follow ended with %v", err)
	}
}

func TestLargeLogIsSetAsideAtStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for _, f := range []string{path, rotated(path)} {
		if err := os.WriteFile(f, nil, fileMode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(path, maxLog+1); err != nil {
		t.Fatal(err)
	}
	f, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	now, err := os.Stat(path)
	if err != nil || now.Size() != 0 {
		t.Errorf("log after: %v, %v", now, err)
	}
	if was, err := os.Stat(rotated(path)); err != nil || was.Size() != maxLog+1 {
		t.Errorf("set aside: %v, %v", was, err)
	}
}

func TestSignalNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Signal{"KILL": KILL, "sigterm": TERM, "Stop": STOP, "SIGCONT": CONT} {
		if got, err := ParseSignal(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "9", "HUP", "SIG"} {
		if got, err := ParseSignal(name); err == nil {
			t.Errorf("%q passes as %q", name, got)
		}
	}
}
