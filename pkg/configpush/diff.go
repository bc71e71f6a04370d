package configpush

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff is the change as a unified diff of indented JSON, empty if it changes
// nothing. Its lines may hold whatever was stored: sanitize before printing.
func (c *Change) Diff() []byte {
	if c.Same() {
		return nil
	}
	before := fmt.Sprintf("%s (revision %d)", c.Host, c.BeforeRevision)
	if c.Before == nil {
		before = c.Host + " (no config)"
	}
	after := c.Host + " (new)"
	if c.Delete {
		after = c.Host + " (deleted)"
	}
	return diff.Diff(before, indent(c.Before), after, indent(c.JSON))
}

func indent(value []byte) []byte {
	if value == nil {
		return nil
	}
	var b bytes.Buffer
	if json.Indent(&b, value, "", "  ") != nil {
		b.Reset()
		b.Write(value)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
