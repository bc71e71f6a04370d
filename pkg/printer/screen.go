package printer

import (
	"bytes"
	"fmt"
	"io"
)

// Control sequences of xterm and its kin; a terminal that does not know
// synchronized output ignores it.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l" // alternate screen, no cursor
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	beginFrame  = "\x1b[?2026h\x1b[H"
	endFrame    = "\x1b[J\x1b[?2026l"
	endLine     = "\x1b[K"
)

// Screen repaints a terminal in place: each frame overwrites the one before, in
// one write, so that nothing flickers. What does not fit is cut, and said.
type Screen struct {
	w    io.Writer
	last []byte // as written
}

// NewScreen takes the terminal over until Close.
func NewScreen(w io.Writer) (*Screen, error) {
	if _, err := io.WriteString(w, enterScreen); err != nil {
		return nil, fmt.Errorf("write to the terminal: %w", err)
	}
	return &Screen{w: w}, nil
}

// Draw shows text on a terminal of width columns and height lines.
func (s *Screen) Draw(text []byte, width, height int) error {
	var b bytes.Buffer
	b.WriteString(beginFrame)
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if hidden := len(lines) - height; hidden > 0 && height > 0 {
		lines = append(lines[:height-1:height-1], fmt.Appendf(nil, "… %d more lines", hidden+1))
	}
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(shorten(string(line), width))
		if bytes.Contains(line, []byte(reset[:1])) {
			b.WriteString(reset) // shortening may have cut it off
		}
		b.WriteString(endLine)
	}
	b.WriteString(endFrame)
	if bytes.Equal(b.Bytes(), s.last) {
		return nil
	}
	s.last = b.Bytes()
	if _, err := s.w.Write(s.last); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}

// Close gives the terminal back, and leaves the last text on it.
func (s *Screen) Close(text []byte) error {
	_, err := s.w.Write(append([]byte(leaveScreen), text...))
	return err
}
