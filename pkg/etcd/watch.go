package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Liveness of a watch: one that said nothing for quietTime is asked for its
// progress, and given up when it does not answer in time.
const (
	quietTime = 3 * time.Second
	// latestQuietTime is that of a follower who needs the latest only: there are as many
	// as agents, and a member must not be busy with telling them that nothing happens.
	latestQuietTime = 10 * time.Second
	// progressTime is how often a busy watch is asked too: a range in which
	// nothing happens would else be resumed at a revision compacted long ago.
	progressTime = 10 * time.Second

	// The opening of a watch is first given what a healthy store needs, and an answer
	// twice of it. Whoever gives up a watch lists and opens another one: a store that is
	// only slow would drown in that, if every follower went on being as impatient. How
	// slow it is the list before the watch has shown.
	patienceMin   = time.Second
	patienceMax   = 16 * time.Second
	listsPatience = 4 // in times that the list took
)

// backlog is how many responses may wait for their follower: handed over one by one,
// they would come as late as a busy machine's scheduler makes each of them. A follower
// who needs the latest only is told little, and a process may have thousands of those.
const (
	backlog       = 256
	latestBacklog = 4
)

var errSilent = errors.New("the watch does not answer")

// watch tells changes until something ends the watch.
func (m *mirror) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
	// A watcher of its own has a stream of its own, and takes it along when it is
	// closed: the next one may be on another member.
	watcher := clientv3.NewWatcher(m.client.Client)
	quiet, waiting := quietTime, backlog
	if m.follower.Latest {
		quiet, waiting = latestQuietTime, latestBacklog
	}
	responses, opened := make(chan response, waiting), make(chan struct{}, len(m.ranges))
	var forwarders sync.WaitGroup
	defer forwarders.Wait()
	defer watcher.Close()
	defer cancel()
	for i, r := range m.ranges {
		from := m.told[i] + 1
		if m.told[i] == m.replayed {
			// Nothing was written since the list. Asked for its progress, the server says
			// nothing of a watch that begins after its own revision: this one begins at it,
			// and what it tells again is left out.
			from = max(1, m.told[i])
		}
		opts := append(r.options(), clientv3.WithRev(from), clientv3.WithFragment())
		if r.DeletesOnly {
			opts = append(opts, clientv3.WithFilterPut())
		}
		// Watch returns only once the server has confirmed: for ever, if that never happens.
		forwarders.Go(func() {
			told := watcher.Watch(ctx, r.Key, opts...)
			opened <- struct{}{}
			forward(ctx, i, told, responses)
		})
	}
	closed := len(m.ranges)
	opening := time.NewTimer(m.patience)
	defer opening.Stop()

	alive := time.NewTimer(quiet)
	defer alive.Stop()
	progress := time.NewTicker(progressTime)
	defer progress.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-opened:
			if closed--; closed == 0 {
				opening.Stop()
			}
		case <-opening.C:
			return m.silent()
		case resp := <-responses:
			if err := m.apply(resp); err != nil {
				return err
			}
			alive.Reset(quiet)
			if asked {
				m.patience = max(m.patience/2, patienceMin)
			}
			asked = false
		case <-progress.C:
			if err := m.askProgress(ctx, watcher); err != nil {
				return err
			}
		case <-alive.C:
			if asked {
				return m.silent()
			}
			asked = true
			if err := m.askProgress(ctx, watcher); err != nil {
				return err
			}
			alive.Reset(2 * m.patience)
		}
	}
}

// silent is the end of a watch that is given up.
func (m *mirror) silent() error {
	m.patience = min(2*m.patience, patienceMax)
	return errSilent
}

func (m *mirror) askProgress(ctx context.Context, watcher clientv3.Watcher) error {
	ctx, cancel := context.WithTimeout(ctx, 2*m.patience)
	defer cancel()
	if err := watcher.RequestProgress(ctx); err != nil {
		return fmt.Errorf("ask the watch for progress: %w", err)
	}
	return nil
}

// response is what the watch of one range tells.
type response struct {
	of int // the range's number
	clientv3.WatchResponse
}

// forward hands the responses of one watch on, and a last, cancelled one when
// its channel is closed.
func forward(ctx context.Context, of int, from clientv3.WatchChan, to chan<- response) {
	for {
		resp, ok := <-from
		if !ok {
			resp = clientv3.WatchResponse{Canceled: true}
		}
		select {
		case to <- response{of, resp}:
		case <-ctx.Done():
			return
		}
		if !ok {
			return
		}
	}
}
