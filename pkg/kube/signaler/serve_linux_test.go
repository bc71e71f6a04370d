package signaler

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patient = 10 * time.Second

func TestSignalsReachTheProcess(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := serve(t, p.name, func(*Options) {})
	c.asks(Find, OK)
	c.asks(Stop, OK)
	p.becomes("T")
	c.asks(Cont, OK)
	p.becomes("S")
	c.asks("HUP", `no request "HUP"`)
	c.asks(Kill, OK)
	p.becomes("")
	c.asks(Find, "no process of this pod runs "+p.name)
}

func TestAPausedProcessGoesOnWhenItsClientIsGone(t *testing.T) {
	t.Parallel()
	goesOnAfter(t, (*client).hangUp)
}

func TestAPausedProcessGoesOnWhenTheSignalerIsStopped(t *testing.T) {
	t.Parallel()
	goesOnAfter(t, func(c *client) { c.stop() })
}

func goesOnAfter(t *testing.T, end func(*client)) {
	t.Helper()
	p := start(t)
	c := serve(t, p.name, func(*Options) {})
	c.asks(Stop, OK)
	p.becomes("T")
	end(c)
	c.ends()
	p.becomes("S")
}

func TestAPauseEndsInTimeOfAClientThatHangs(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := serve(t, p.name, func(o *Options) { o.Hang = 300 * time.Millisecond })
	c.asks(Stop, OK)
	p.becomes("T")
	p.becomes("S")
	c.asks(Find, OK) // who is still there
}

func TestItEndsOfAClientThatAsksNothing(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := serve(t, p.name, func(o *Options) { o.Idle = 300 * time.Millisecond })
	c.asks(Stop, OK)
	c.ends()
	p.becomes("S")
}

func TestItEndsWithoutAClient(t *testing.T) {
	t.Parallel()
	err := Serve(t.Context(), Options{To: "none", Listen: "127.0.0.1:0", Begin: 50 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "wait for a client") {
		t.Errorf("ends with %v", err)
	}
}

func TestOfTwoProcessesNoneGetsASignal(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.again("-c", wait)
	c := serve(t, p.name, func(*Options) {})
	c.asks(Kill, "2 processes of this pod run "+p.name)
	p.becomes("S")
}

// A signaler of an earlier drill in an aggregator's pod is of the same executable.
func TestAnotherSignalerIsNotTheProcess(t *testing.T) {
	p := start(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile(Command, []byte(wait), 0o600); err != nil { // the shell's script
		t.Fatal(err)
	}
	p.again(Command)
	c := serve(t, p.name, func(*Options) {})
	c.asks(Find, OK)
}

// process is one that sleeps, of an executable whose name nothing else has.
type process struct {
	t          *testing.T
	path, name string
	pid        int
}

func start(t *testing.T) *process {
	t.Helper()
	shell, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	p := &process{t: t, path: filepath.Join(t.TempDir(), name), name: name}
	// What another test forks meanwhile would have the file open for writing too, and
	// such a file cannot be run.
	syscall.ForkLock.RLock()
	err = os.WriteFile(p.path, shell, 0o700) //nolint:gosec // it is to run
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	p.pid = p.again("-c", wait)
	return p
}

// wait is the script of a process, which waits for a line that never comes.
const wait = "read line"

// again starts one more.
func (p *process) again(args ...string) int {
	p.t.Helper()
	c := exec.CommandContext(p.t.Context(), p.path, args...) //nolint:gosec // a copy of the shell
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Wait() }()
	p.t.Cleanup(func() { _ = in.Close(); _ = c.Process.Kill(); <-ended })
	return c.Process.Pid
}

// becomes waits for a state, as /proc names it: T stopped, S asleep, "" ended.
func (p *process) becomes(want string) {
	p.t.Helper()
	state := ""
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
		state = ""
		if _, rest, ok := strings.Cut(string(stat), ") "); ok && err == nil {
			state = rest[:1]
		}
		if state == want {
			return
		}
	}
	p.t.Fatalf("the process is in state %q, want %q", state, want)
}

// client is that of a signaler.
type client struct {
	t       *testing.T
	conn    net.Conn
	answers *bufio.Reader
	stop    context.CancelFunc
	served  chan error
}

// serve runs a signaler and connects to it.
func serve(t *testing.T, to string, change func(*Options)) *client {
	t.Helper()
	port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := NewOptions()
	o.To, o.Listen = to, port.Addr().String()
	change(&o)
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	c := &client{t: t, stop: stop, served: make(chan error, 1)}
	var serving sync.WaitGroup
	serving.Go(func() { c.served <- Serve(ctx, o) })
	t.Cleanup(func() { stop(); serving.Wait() })
	for deadline := time.Now().Add(patient); c.conn == nil && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		c.conn, err = new(net.Dialer).DialContext(t.Context(), "tcp", o.Listen)
	}
	if c.conn == nil {
		t.Fatal(err)
	}
	t.Cleanup(c.hangUp)
	c.answers = bufio.NewReader(c.conn)
	return c
}

func (c *client) hangUp() { _ = c.conn.Close() }

func (c *client) asks(r Request, want string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.conn, r); err != nil {
		c.t.Fatal(err)
	}
	got, err := c.answers.ReadString('\n')
	if err != nil || got != want+"\n" {
		c.t.Fatalf("%s is answered by %q (%v), want %q", r, got, err, want)
	}
}

// ends waits until the signaler has ended well.
func (c *client) ends() {
	c.t.Helper()
	select {
	case err := <-c.served:
		if err != nil {
			c.t.Errorf("the signaler ends with %v", err)
		}
	case <-time.After(patient):
		c.t.Fatal("the signaler does not end")
	}
}
