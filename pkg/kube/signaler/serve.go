package signaler

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// HangLimit is how long a process stays paused if nobody lets it go on: longer
// than members whose election timeout is 5 s need to go on without it.
const HangLimit = 20 * time.Second

// Options says what to send signals to, and how long at most.
type Options struct {
	To     string // the name of the process's executable
	Listen string // HOST:PORT
	// Begin bounds the wait for the client, Idle that for its next request, Hang
	// how long the process stays paused.
	Begin, Idle, Hang time.Duration
}

// NewOptions has the defaults.
func NewOptions() Options {
	return Options{Begin: time.Minute, Idle: 10 * time.Minute, Hang: HangLimit}
}

// Serve does what the first client asks, until it is gone, asks for nothing any
// more, or ctx ends. The error tells why no client has come.
func Serve(ctx context.Context, o Options) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	conn, err := accept(ctx, listener, o.Begin)
	if err != nil {
		return fmt.Errorf("wait for a client on %s: %w", o.Listen, err)
	}
	s := session{Options: o, conn: conn}
	return s.serve(ctx)
}

// accept takes one connection, and closes the listener.
func accept(ctx context.Context, listener net.Listener, limit time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	conn, err := listener.Accept()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return conn, errors.Join(err, closed(listener.Close()))
}

// closed is the error of closing what may be closed already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// session is one client's.
type session struct {
	Options
	conn   net.Conn
	paused *os.Process // nil if none is
}

func (s *session) serve(ctx context.Context) error {
	requests, gone := make(chan Request), make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(requests)
		for lines := bufio.NewScanner(s.conn); lines.Scan(); {
			select {
			case requests <- Request(lines.Text()):
			case <-gone:
				return
			}
		}
	})
	defer reading.Wait()
	defer func() { _ = s.conn.Close() }()
	defer close(gone)
	defer func() { _ = s.goOn() }()
	idle := time.NewTimer(s.Idle)
	defer idle.Stop()
	var hang <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-idle.C:
			return nil
		case <-hang:
			_ = s.goOn()
		case r, ok := <-requests:
			if !ok {
				return nil
			}
			answer := OK
			if err := s.do(r); err != nil {
				answer = err.Error()
			}
			if _, err := fmt.Fprintln(s.conn, answer); err != nil {
				return nil // a client that is gone is no fault
			}
			if r == Stop {
				hang = time.After(s.Hang)
			}
			idle.Reset(s.Idle)
		}
	}
}

// do fulfils a request.
func (s *session) do(r Request) error {
	if r == Cont && s.paused != nil {
		return s.goOn()
	}
	sig, ok := signals[r]
	if !ok && r != Find {
		return fmt.Errorf("no request %q", r)
	}
	p, err := find(s.To)
	if err != nil || r == Find {
		return err
	}
	if err := p.Signal(sig); err != nil {
		return fmt.Errorf("send SIG%s to %s (pid %d): %w", r, s.To, p.Pid, err)
	}
	if r == Stop {
		s.paused = p
	}
	return nil
}

// goOn lets what was paused go on.
func (s *session) goOn() error {
	p := s.paused
	if p == nil {
		return nil
	}
	s.paused = nil
	if err := p.Signal(signals[Cont]); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send SIGCONT to %s (pid %d): %w", s.To, p.Pid, err)
	}
	return nil
}
