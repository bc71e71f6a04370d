package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Liveness of a watch: one that said nothing for quietTime is asked for its
// progress, and given up when it does not answer in time.
const (
	quietTime = 3 * time.Second
	// latestQuietTime is that of a follower who needs the latest only: there are as many
	// as agents, and a member must not be busy with telling them that nothing happens.
	latestQuietTime = 30 * time.Second
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

// watch tells changes until something ends the watch. A stream that breaks does not: the
// next one, to another member, goes on where it ended.
func (m *mirror) watch(ctx context.Context) error {
	for {
		began := time.Now()
		opened, err := m.watchMember(ctx)
		if !opened || Classify(err) != ClassUnreachable || time.Since(began) < retryMax {
			return err
		}
	}
}

// watchMember tells changes until the watch of one member ends. It reports whether the
// watch was ever open.
func (m *mirror) watchMember(ctx context.Context) (opened bool, err error) {
	quiet, waiting := quietTime, backlog
	if m.follower.Latest {
		quiet, waiting = latestQuietTime, latestBacklog
	}
	responses, stream := make(chan response, waiting), make(chan *watchStream, 1)
	var receiving sync.WaitGroup
	defer receiving.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from := m.from()
	ctx, aim := m.asked.aimAt(ctx, m.at)
	m.at = "" // whoever comes after this watch is to go elsewhere
	receiving.Go(func() { m.client.receive(ctx, m.ranges, from, stream, responses) })

	began := time.Now()
	closed := len(m.ranges)
	opening := newSilence(m.patience)
	defer opening.Stop()
	alive := newSilence(quiet)
	defer alive.Stop()
	progress := time.NewTicker(max(progressTime, quiet))
	defer progress.Stop()
	var open *watchStream
	asked := false
	ask := func() {
		if open == nil {
			return // the opening has its own time
		}
		asked = true
		alive.reset(2 * m.patience)
		open.askProgress()
	}
	for {
		select {
		case <-ctx.Done():
			return opened, ctx.Err()
		case open = <-stream:
		case <-opening.C:
			if opening.listened() {
				return opened, m.silent()
			}
		case resp := <-responses:
			if resp.err != nil {
				return opened, fmt.Errorf("watch: %w", resp.err)
			}
			if resp.Created {
				if closed--; closed == 0 {
					opened = true
					opening.Stop()
					if time.Since(began) <= m.patience/2 {
						m.calm() // the member before was silent, and not the store slow
					}
					m.asked = visitedOnly(aim.address())
				}
			}
			if err := m.apply(resp); err != nil {
				return opened, err
			}
			alive.reset(quiet)
			if asked {
				m.calm()
			}
			asked = false
			if m.behind {
				ask()
			}
		case <-progress.C:
			ask()
		case <-alive.C:
			switch {
			case !asked:
				ask()
			case alive.listened():
				return opened, m.silent()
			}
		}
	}
}

// from is where the watch of each range is to begin.
func (m *mirror) from() []int64 {
	from := make([]int64, len(m.ranges))
	for i, told := range m.told {
		from[i] = told + 1
		if told == m.replayed {
			// Nothing was written since the list. Asked for its progress, the server says
			// nothing of a watch that begins after its own revision: this one begins at it,
			// and what it tells again is left out.
			from[i] = max(1, told)
		}
	}
	return from
}

// silent is the end of a watch that is given up.
func (m *mirror) silent() error {
	m.patience = min(2*m.patience, patienceMax)
	return errSilent
}

// calm takes in that a member answered in time.
func (m *mirror) calm() { m.patience = max(m.patience/2, patienceMin) }

// receive hands on the stream once it has been asked for its watches, and then what it
// tells, until it ends or ctx does.
func (c *Client) receive(ctx context.Context, ranges []Range, from []int64, open chan<- *watchStream, to chan<- response) {
	stream, err := c.openWatches(ctx, ranges, from)
	resp := response{err: err}
	if err == nil {
		open <- stream
		resp = stream.next()
	}
	for {
		select {
		case to <- resp:
		case <-ctx.Done():
			return
		}
		if resp.err != nil {
			return
		}
		resp = stream.next()
	}
}
