package aggregator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// The lifeline is a connection that every standby holds to the leader. The kernel
// ends it with the leader's process, long before the leader's lease ends.

// lifelinePath is where a replica's HTTP server offers its lifeline.
const lifelinePath = "/lifeline"

// beatEvery is how often something is sent on a lifeline. Silence is no sign of
// death: it tells, once a leader's lease has ended, since when it was not heard of.
const beatEvery = 100 * time.Millisecond

// lifelineDial bounds connecting to the leader, and waiting for its first word.
const lifelineDial = 500 * time.Millisecond

// serveLifeline says who this replica is, and then that it still lives, until
// gone is closed.
func serveLifeline(self model.Aggregator, gone <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		rc := http.NewResponseController(w)
		w.Header().Set("Content-Type", "application/x-ndjson")
		if json.NewEncoder(w).Encode(self) != nil || rc.Flush() != nil {
			return
		}
		beat := time.NewTicker(beatEvery)
		defer beat.Stop()
		for {
			select {
			case <-gone:
				return
			case <-req.Context().Done():
				return
			case <-beat.C:
				if _, err := w.Write([]byte("\n")); err != nil || rc.Flush() != nil {
					return
				}
			}
		}
	}
}

// errStranger tells that somebody else answers at the leader's address.
var errStranger = errors.New("another process answers")

// holdLifeline holds a lifeline to leader until it breaks, and returns what broke
// it. beat is called when the leader has said who it is, and with every beat.
func holdLifeline(ctx context.Context, leader *model.Aggregator, beat func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hurry := time.AfterFunc(lifelineDial, cancel)
	defer hurry.Stop()
	transport := &http.Transport{DialContext: new(net.Dialer).DialContext, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+leader.Address+lifelinePath, http.NoBody)
	if err != nil {
		return fmt.Errorf("call the leader at %q: %w", leader.Address, err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("call the leader: %w", err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	var who model.Aggregator
	if !lines.Scan() || resp.StatusCode != http.StatusOK || json.Unmarshal(lines.Bytes(), &who) != nil {
		if err := lines.Err(); err != nil {
			return fmt.Errorf("hear who leads: %w", err)
		}
		return errors.New("hear who leads: no word of it")
	}
	if who.Instance != leader.Instance {
		return errStranger
	}
	hurry.Stop()
	beat()
	for lines.Scan() {
		beat()
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the lifeline broke: %w", err)
	}
	return errors.New("the lifeline ended")
}

// provesDeath reports whether what answers at the leader's address now shows that
// the leader, which did answer there, is no more.
func provesDeath(err error) bool {
	return errors.Is(err, errStranger) || errors.Is(err, syscall.ECONNREFUSED)
}
