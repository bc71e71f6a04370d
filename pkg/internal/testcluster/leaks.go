package testcluster

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"
)

// ours is in the stack of every goroutine that this project started.
const ours = "kubectl-monitor/pkg/"

// Main runs a package's tests and fails if they leave a goroutine of this
// project behind. Those of the embedded servers do not count: a server that was
// stopped hard leaves some.
func Main(m *testing.M, report io.Writer) int {
	if code := m.Run(); code != 0 {
		return code
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		leaks := leaked()
		if len(leaks) == 0 {
			return 0
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(report, "goroutines left behind:\n\n%s\n", bytes.Join(leaks, []byte("\n\n")))
			return 1
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func leaked() [][]byte {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var leaks [][]byte
	for i, g := range bytes.Split(stacks, []byte("\n\n")) {
		if i > 0 && bytes.Contains(g, []byte(ours)) { // the first is this one
			leaks = append(leaks, g)
		}
	}
	return leaks
}
