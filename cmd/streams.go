package cmd

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are where a command reads and writes: data goes to Out, everything
// said about it to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// isTerminal reports whether a stream is one that a person looks at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// size is the number of columns and lines of a terminal; 0 for anything else.
func size(stream any) (columns, lines int) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, 0
	}
	columns, lines, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, lines
}

// width is the number of columns of a terminal; 0 for anything else.
func width(stream any) int {
	columns, _ := size(stream)
	return columns
}
