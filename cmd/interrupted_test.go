package cmd_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// interrupted COMMAND...: Ctrl-C, while the command waits for a member that takes
// connections and never answers, ends it with 130.
func interrupted(ts *testscript.TestScript, _ bool, args []string) {
	const patience = 20 * time.Second // for what hangs
	member, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	ts.Check(err)
	defer member.Close()
	ts.Check(member.SetDeadline(time.Now().Add(patience)))

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, program, append(args, "--endpoints", "http://"+member.Addr().String())...)
	c.Dir = ts.MkAbs(".")
	c.Env = append(os.Environ(), "XDG_STATE_HOME="+c.Dir, "XDG_CONFIG_HOME="+c.Dir, "GORACE="+quickExit)
	var said strings.Builder
	c.Stderr = &said
	ts.Check(c.Start())
	if conn, err := member.Accept(); err == nil {
		defer conn.Close()
		ts.Check(c.Process.Signal(os.Interrupt))
	}
	if got := code(c.Wait()); got != 130 || said.String() != "interrupted\n" {
		ts.Fatalf("%s, interrupted, exits with %d: %s", strings.Join(args, " "), got, said.String())
	}
}
