package aggregator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// stopTime is what requests that are being answered have left when the server
	// stops.
	stopTime = time.Second

	// A client that is slower than this is cut off. A lifeline is exempt.
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	writeTime  = time.Minute
	idleTime   = 2 * time.Minute

	maxHeader = 16 << 10 // bytes
)

// serve answers what comes in on l until ctx ends, and returns ctx's error then.
// It stops listening at once; requests that are being answered go on for stopTime
// at most. It closes l.
func serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	// A lifeline ends with the leadership, which ctx's end is only the beginning of.
	answering, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return answering },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	var end error
	ended := make(chan struct{})
	go func() { defer close(ended); end = s.Serve(l) }()
	select {
	case <-ended:
		return fmt.Errorf("serve on %s: %w", l.Addr(), end)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := s.Shutdown(grace); err != nil {
		log.Info("cut off clients that were not done", "err", err)
		_ = s.Close() // the listener is closed already
	}
	<-ended
	return ctx.Err()
}

// newServer makes the server of a replica: its view as JSON and for Prometheus,
// its health, and its lifeline. Whatever goes wrong is told as {"error": …}.
func newServer(a *api, m *Metrics, lifeline http.Handler, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, fmt.Errorf("there is nothing at %q", r.URL.Path))
	})
	mux.HandleFunc("/healthz", healthy)
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.readable(); err != nil {
			refuse(w, http.StatusServiceUnavailable, err)
			return
		}
		healthy(w, r)
	})
	mux.Handle("/metrics", m.handler(log))
	mux.Handle("/lifeline", unhurried(lifeline))
	a.addTo(mux)
	return readOnly(mux)
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // a client that is gone needs none
}

// readOnly lets only those requests pass that change nothing.
func readOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, fmt.Errorf("method %q is not allowed, only GET and HEAD", r.Method))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// unhurried takes the server's deadlines off a request that may last for ever.
func unhurried(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		err := errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}))
		if err != nil {
			refuse(w, http.StatusInternalServerError, fmt.Errorf("keep the connection open: %w", err))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, err error) {
	write(w, status, struct {
		Error string `json:"error"`
	}{err.Error()})
}

// write answers with a record. A client that is gone is no error.
func write(w http.ResponseWriter, status int, record any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(record); err != nil {
		refuse(w, http.StatusInternalServerError, fmt.Errorf("encode the record: %w", err)) // a text always can be
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
