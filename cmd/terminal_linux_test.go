package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/etcd"
	"github.com/kubectl-monitor/kubectl-monitor/pkg/keys"
)

const terminalLines = 24

// onTerminal starts a command whose output is a terminal of 80 columns and
// terminalLines lines, and returns where it can be read until the command ends.
func onTerminal(t testing.TB, c *exec.Cmd) (screen *os.File) {
	t.Helper()
	open := func(path string) *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	screen = open("/dev/ptmx")
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil { // it is made locked
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: terminalLines, Col: 80}); err != nil {
		t.Fatal(err)
	}
	terminal := open(fmt.Sprintf("/dev/pts/%d", n))
	// Reading ends with the last process that has it open.
	defer terminal.Close()
	c.Stdout = terminal
	c.Env = append(c.Environ(), "TERM=xterm")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return screen
}

func TestWatchOnATerminalShowsWhatFitsAndLeavesAllBehind(t *testing.T) {
	t.Parallel()
	const nodes = 2 * terminalLines
	c := upped(t, program, "--members", "1", "--agents", "0", "--aggregators", "0")
	urls, err := memberURLs(c.run("local", "status", "-o", "json"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := etcd.New(etcd.Config{Endpoints: strings.Split(urls, ",")})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range nodes {
		beat := fmt.Sprintf(`{"status":"alive","ts":%d,"silence":600}`, time.Now().Unix())
		if _, err := client.Put(t.Context(), keys.Heartbeat(fmt.Sprintf("node-%02d", i)), beat); err != nil {
			t.Fatal(err)
		}
	}

	watching := c.command(program, "nodes", "-w")
	screen := onTerminal(t, watching)
	defer time.AfterFunc(30*time.Second, func() { _ = watching.Process.Kill() }).Stop()
	var seen bytes.Buffer
	chunk := make([]byte, 4096)
	shown := -1 // how much had been seen when the first frame was whole
	for {
		n, err := screen.Read(chunk)
		seen.Write(chunk[:n])
		if shown < 0 && bytes.Contains(seen.Bytes(), []byte("more lines")) {
			shown = seen.Len()
			_ = watching.Process.Signal(os.Interrupt)
		}
		if err != nil { // it has ended
			break
		}
	}
	_ = watching.Wait() // interrupted
	if shown < 0 {
		t.Fatalf("no frame was cut:\n%q", seen.String())
	}
	last := fmt.Sprintf("node-%02d", nodes-1)
	frame, left := seen.String()[:shown], seen.String()[shown:]
	// The heading takes a line, and the one that says how many more there are.
	if want := fmt.Sprintf("… %d more lines", nodes+1-terminalLines+1); !strings.Contains(frame, want) || strings.Contains(frame, last) {
		t.Errorf("want %q and no %s in the frame:\n%q", want, last, frame)
	}
	if !strings.Contains(left, last) {
		t.Errorf("%s is not in what is left behind:\n%q", last, left)
	}
}
