package aggregator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// stopWithin is within what time of the signal a replica must be gone.
const stopWithin = 2 * time.Second

// started is a server that answers.
type started struct {
	address string
	stop    context.CancelFunc
	ended   chan error
}

func start(t *testing.T, h http.Handler) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &started{l.Addr().String(), cancel, make(chan error, 1)}
	go func() { s.ended <- serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(cancel)
	return s
}

// dial connects and sends text.
func (s *started) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// awaitEnd waits until the server has ended as it should.
func (s *started) awaitEnd(t *testing.T, within time.Duration) {
	t.Helper()
	select {
	case err := <-s.ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(within):
		t.Fatal("it did not end in time")
	}
}

// awaitDeaf waits until nobody listens.
func (s *started) awaitDeaf(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		c, err := net.Dial("tcp", s.address)
		if err != nil {
			return
		}
		_ = c.Close()
		if time.Now().After(deadline) {
			t.Fatal("it goes on listening")
		}
	}
}

func TestServerStopsInTimeOfClientsThatHang(t *testing.T) {
	t.Parallel()
	busy := make(chan struct{}, 2)
	mux := http.NewServeMux()
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		busy <- struct{}{}
		for chunk := make([]byte, 1<<20); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) {
		busy <- struct{}{}
		<-r.Context().Done()
	})
	s := start(t, mux)
	clients := []net.Conn{
		s.dial(t, ""), // says nothing
		s.dial(t, "GET /metrics HTTP/1.1\r\nHost: a\r\nX-"), // does not come to an end
		s.dial(t, "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"),
		s.dial(t, "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"),
	}
	<-busy
	<-busy
	s.stop()
	s.awaitEnd(t, stopWithin)
	s.awaitDeaf(t)
	for i, c := range clients {
		if err := c.SetReadDeadline(time.Now().Add(stopWithin)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("client %d is still connected", i)
		}
	}
}

// The standbys must not take a leader for dead that is about to resign.
func TestLifelineLastsAfterTheServerHasStoppedListening(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	s := start(t, unhurried(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		flush := http.NewResponseController(w).Flush
		for {
			fmt.Fprintln(w, "beat")
			if flush() != nil {
				return
			}
			select {
			case <-gone:
				return
			case <-r.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	})))
	lines := bufio.NewReader(s.dial(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
	beats := func() {
		t.Helper()
		for heard := 0; heard < 5; {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			heard += strings.Count(line, "beat")
		}
	}
	beats()
	s.stop()
	s.awaitDeaf(t)
	beats()
	select {
	case err := <-s.ended:
		t.Errorf("it ended before the lifeline, with %v", err)
	default:
	}
	close(gone)
	s.awaitEnd(t, stopWithin)
	if rest, err := io.ReadAll(lines); err != nil {
		t.Errorf("the lifeline was cut off after %q: %v", rest, err)
	}
}

func TestLifelineOutlastsTheDeadlinesOfOtherRequests(t *testing.T) {
	t.Parallel()
	const reading = 500 * time.Millisecond
	lifeline := unhurried(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "beat")
		select {
		case <-r.Context().Done():
		case <-time.After(reading + reading/5):
			fmt.Fprintln(w, "beat")
		}
	}))
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := errors.Join(c.SetReadDeadline(time.Now().Add(reading)), c.SetWriteDeadline(time.Now())); err != nil {
			t.Error(err)
		}
		lifeline.ServeHTTP(w, r)
	}))
	heard, err := io.ReadAll(s.dial(t, "GET / HTTP/1.0\r\n\r\n"))
	if n := strings.Count(string(heard), "beat"); n != 2 || err != nil {
		t.Errorf("%d beats of 2, then %v", n, err)
	}
}

func TestListenerThatBreaksIsTold(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := serve(t.Context(), l, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("it ended with %v", err)
	}
}
