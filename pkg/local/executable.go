package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// installBinary keeps a copy of the running program in the state directory: the
// processes outlive `go run`, which deletes its binary, and a rebuild.
func (c *Cluster) installBinary() error {
	source := c.executable
	if source == "" {
		var err error
		if source, err = os.Executable(); err != nil {
			return fmt.Errorf("find the running program: %w", err)
		}
	}
	in, err := os.Open(source)
	if err != nil {
		return fmt.Errorf("copy the running program: %w", err)
	}
	defer func() { _ = in.Close() }()
	want, err := in.Stat()
	if err != nil {
		return fmt.Errorf("copy the running program: %w", err)
	}
	have, err := os.Stat(c.binary())
	switch {
	case err == nil && have.Size() == want.Size() && have.ModTime().Equal(want.ModTime()):
		return nil // it is that copy, or a copy of the same build
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("copy the running program: %w", err)
	}
	if err := c.makeDirs(binDir); err != nil {
		return err
	}
	// The copy replaces one that may be running: by rename, never in place.
	return c.writeFile(c.binary(), dirMode, func(out *os.File) error {
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
		return os.Chtimes(out.Name(), want.ModTime(), want.ModTime())
	})
}
