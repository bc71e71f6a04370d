package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// followInterval is how often a followed log is looked at for more.
const followInterval = 100 * time.Millisecond

// tailLimit is how far back in bytes from its end the last lines of a log are sought.
const tailLimit = 1 << 20

// LogOptions says what of a log to read.
type LogOptions struct {
	// Tail is the number of lines from the end to begin with; negative for all.
	Tail int
	// Follow goes on with what is added, until ctx ends.
	Follow bool
}

// Log writes the log of one process to w. A log that is not there yet is empty.
// With Follow the error is that of ctx in the end.
func (c *Cluster) Log(ctx context.Context, w io.Writer, name string, o LogOptions) error {
	st, err := c.load()
	if err != nil {
		return err
	}
	r, err := st.find(name)
	if err != nil {
		return err
	}
	if err := writeLog(ctx, w, c.logPath(r.Name), o); err != nil {
		return fmt.Errorf("read the log of %q: %w", name, err)
	}
	return nil
}

func writeLog(ctx context.Context, w io.Writer, path string, o LogOptions) error {
	f, err := reopen(nil, path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // closing a nil file does nothing but return an error
	if f != nil && o.Tail >= 0 {
		if err := seekTail(f, o.Tail); err != nil {
			return err
		}
	}
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for {
		if err := copyFrom(w, f); err != nil || !o.Follow {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		next, err := reopen(f, path)
		if err != nil {
			return err
		}
		if next == f {
			continue
		}
		// The log was set aside, or has come to be: first the end of the old one.
		err = copyFrom(w, f)
		_ = f.Close()
		f = next
		if err != nil {
			return err
		}
	}
}

// copyFrom copies the rest of f, if there is an f.
func copyFrom(w io.Writer, f *os.File) error {
	if f == nil {
		return nil
	}
	_, err := io.Copy(w, f)
	return err
}

// reopen returns f as long as it is the file at path, else that one; nil if
// there is none.
func reopen(f *os.File, path string) (*os.File, error) {
	now, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if f != nil {
		if was, err := f.Stat(); err != nil || os.SameFile(was, now) {
			return f, err
		}
	}
	next, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	return next, err
}

// seekTail moves to the beginning of the last n lines, as far as tailLimit allows.
func seekTail(f *os.File, n int) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	from := max(0, size-tailLimit)
	block := make([]byte, size-from)
	read, err := f.ReadAt(block, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err = f.Seek(from+int64(tailStart(block[:read], n)), io.SeekStart)
	return err
}

// tailStart is the offset in text at which its last n lines begin.
func tailStart(text []byte, n int) int {
	at := len(text)
	if n == 0 {
		return at
	}
	if at > 0 && text[at-1] == '\n' {
		at--
	}
	for ; n > 0; n-- {
		at = bytes.LastIndexByte(text[:at], '\n')
		if at < 0 {
			return 0
		}
	}
	return at + 1
}

// lastOf returns the last n lines that say anything of a log from an offset on.
func lastOf(path string, from int64, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(from, info.Size()-tailLimit), tailLimit))
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):], nil
}
